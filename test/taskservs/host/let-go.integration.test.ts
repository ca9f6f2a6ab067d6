import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LET_GO } from '../../../taskservs/host/scripts.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'provisioning-let-go-'));
  for (const folder of ['services', 'kept']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'shared'), 'ours');
});
afterEach(() => rmSync(root, { recursive: true }));

const WORDS = '"is":"file","key":"/shared"';
const marker = (service: string): string => join(root, 'services', `${service}.json`);
const kept = (service: string): string => join(root, 'kept', `${service}-0123456789abcdef`);
const letGo = (service: string): void => {
  execFileSync('sh', ['-c', LET_GO, 'sh', marker(service), WORDS, join(root, 'shared'), kept(service)]);
};

test('a file that another service wants stays, and so does what stood there before', () => {
  for (const service of ['redis', 'nginx']) writeFileSync(marker(service), `{"made":[{${WORDS}}]}`);
  writeFileSync(kept('redis'), 'from before');
  letGo('redis');
  expect(readFileSync(join(root, 'shared'), 'utf8')).toBe('ours');
  writeFileSync(marker('redis'), '{"made":[]}');
  letGo('nginx');
  expect(readFileSync(join(root, 'shared'), 'utf8')).toBe('from before');
});

test('a file that nobody wants any more goes', () => {
  writeFileSync(marker('redis'), `{"made":[{${WORDS}}]}`);
  writeFileSync(marker('nginx'), '{"made":[{"is":"file","key":"/shared2"}]}');
  letGo('redis');
  expect(existsSync(join(root, 'shared'))).toBe(false);
});
