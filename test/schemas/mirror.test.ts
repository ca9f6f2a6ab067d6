import { expect, it } from 'vitest';
import { Mirror } from '../../schemas/mirror.ts';

it.each([
  { url: 'https://mirror.example.com/artifacts' },
  { url: 'http://127.0.0.1:8081' },
  { url: 'http://localhost/a' },
  { url: 'http://[::1]:8081' },
  { url: 'http://10.0.0.5', allowHttp: true },
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
  {},
])('may not be %j', mirror => {
  expect(Mirror.safeParse(mirror).success).toBe(false);
});
