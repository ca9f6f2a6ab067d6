import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../scripts/generate/format.ts';

/** The program as users start it: `npm test` builds it first. The integration tests ask it more. */
function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/main.js'), ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  return { status, stdout, stderr };
}

it('starts, and tells its version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

it('names the command that was meant, and says that nothing was changed', () => {
  const { status, stdout, stderr } = run('pln');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('did you mean provisioning plan?');
  expect(stderr).toContain('Nothing was changed.');
});
