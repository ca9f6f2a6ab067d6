import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/generate/format.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'action-'));
  cpSync(join(ROOT, 'example-workspace/hello'), join(folder, 'clone'), { recursive: true });
  const git = (...given: string[]): void => {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    const { status, stderr } = spawnSync('git', [...who, ...given], { cwd: join(folder, 'clone'), encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=Start');
  git('clone', '--quiet', '--bare', '.', '../remote.git');
  git('remote', 'add', 'origin', join(folder, 'remote.git'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly summary: string;
  readonly log: string;
}

function action(inputs: { readonly [name: string]: string }): Ended {
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
  for (const path of [output, summary]) writeFileSync(path, '');
  const environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    NO_COLOR: '1',
    DIRECTORY: join(folder, 'clone'),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    ...inputs,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/action.ts'], {
    cwd: ROOT,
    env: environment,
    encoding: 'utf8',
  });
  return { status, output: readFileSync(output, 'utf8'), summary: readFileSync(summary, 'utf8'), log: stdout + stderr };
}

describe('the action with the real program', () => {
  it('looks for drift, and says when a cloud could not be looked at', () => {
    const { status, output, summary } = action({ MODE: 'drift' });
    expect(output).toBe('verdict=unavailable\nchanges=0\ndigest=\ncomment-url=\n');
    expect(summary).toMatch(/^### Drift of hello\n/);
    expect(status).toBe(7);
  });

  it('applies a branch, and gives the digest of what it planned', () => {
    const { output, summary, status } = action({ MODE: 'apply', BRANCH: 'main', ARGUMENTS: '--reviews=off' });
    expect(output).toMatch(/^verdict=unavailable\nchanges=0\ndigest=[0-9a-f]{64}\ncomment-url=\n$/);
    expect(summary).toContain('| hello | unavailable | 0 | 0 |');
    expect(status).toBe(7);
  });

  it('gives credentials to the program alone, and masks them', () => {
    const { log, status } = action({ MODE: 'drift', CREDENTIALS: 'CLOUD_TOKEN=verysecret' });
    expect(log).toContain('::add-mask::verysecret\n');
    expect(log.replace('::add-mask::verysecret', '')).not.toContain('verysecret');
    expect(status).toBe(7);
  });

  it.each([
    [{ MODE: 'destroy' }, 'mode must be one of'],
    [{ MODE: 'drift', VERSION: '99.0.0' }, 'not 99.0.0'],
    [{ MODE: 'drift', CREDENTIALS: 'PATH=/x' }, 'PATH is no credential'],
  ])('ends with a usage error for %j', (inputs, what) => {
    const { status, log } = action(inputs);
    expect(status).toBe(2);
    expect(log).toContain(`::error::`);
    expect(log).toContain(what);
  });

  it('reports a fault of the program as a failure with its problems', () => {
    const { status, output, summary } = action({ MODE: 'apply', BRANCH: 'none' });
    expect(status).toBe(2);
    expect(output).toContain('verdict=failed\n');
    expect(summary).toContain('GIT-BRANCH');
  });
});
