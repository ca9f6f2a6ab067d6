import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskFiles } from '../../../platform/state/disk-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'disk-files-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('looks side by side in one process replace the same file, and each leaves it whole', async () => {
  const texts = Array.from({ length: 8 }, (_, at) => String(at).repeat(200_000 + at));
  const disks = texts.map(() => diskFiles(directory));
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(texts.map((text, at) => disks[at]?.replace('seen.json', text, { cache: true })));
    expect(texts).toContain(await disks[0]?.read('seen.json'));
  }
  expect(readdirSync(directory)).toEqual(['seen.json']);
});
