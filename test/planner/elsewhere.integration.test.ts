import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./elsewhere.ts', import.meta.url));
const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

async function plansUnder(env: { readonly [name: string]: string }, cwd: string): Promise<string> {
  const { stdout } = await run(process.execPath, [TSX, SCRIPT], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return stdout;
}

test('another locale, time zone and folder give the same plans and the same text', async () => {
  const [here, there] = await Promise.all([
    plansUnder({ TZ: 'UTC', LANG: 'C' }, process.cwd()),
    plansUnder({ TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }, tmpdir()),
  ]);
  expect(here.split('\n').length).toBeGreaterThan(40);
  expect(there).toBe(here);
});
