import { expect, it } from 'vitest';
import { Mirror } from '../../schemas/mirror.ts';

it.each([
  { url: 'https://mirror.example.com/artifacts' },
  { url: 'http://127.0.0.1:8081' },
  { url: 'http://localhost/a' },
  { url: 'http://[::1]:8081' },
  { url: 'http://10.0.0.5', allowHttp: true },
  { url: 'https://mirror.example.com', debian: {} },
])('may be %j', mirror => {
  expect(Mirror.safeParse(mirror).success).toBe(true);
});

it.each([
  { url: 'http://10.0.0.5' },
  { url: 'http://127.0.0.1.example.com' },
  { url: 'http://10.0.0.5', allowHttp: false },
  { url: 'https://ada:secret@mirror.example.com' },
  { url: 'https://mirror.example.com/?to=' },
  { url: 'ftp://mirror.example.com' },
  { url: 'mirror.example.com' },
  { url: 'https://mirror.example.com', debian: { key: 'a key' } },
  { url: 'https://mirror.example.com', debian: { suites: [] } },
  {},
])('may not be %j', mirror => {
  expect(Mirror.safeParse(mirror).success).toBe(false);
});
