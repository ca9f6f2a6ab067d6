import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { type RemoteServer, serveHttp, serveSsh } from './servers.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

let directory: string;
let cloud: DemoCloud;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'provisioning-remote-'));
  cloud = await startDemoCloud();
});
afterEach(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A bare repository with a small workspace in it. */
function publish(): string {
  const bare = join(directory, 'shop.git');
  const clone = join(directory, 'clone');
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-C', clone, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  cpSync(join(root, 'example-workspace', 'hello'), clone, { recursive: true });
  writeFileSync(
    join(clone, 'workspace.yaml'),
    `name: shop\nreview: none\nproviders:\n  demo: { url: "${cloud.url}" }\n`,
  );
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', clone]);
  git('add', '.');
  git('commit', '--quiet', '-m', 'Describe it');
  git('push', '--quiet', bare, 'main');
  return bare;
}

async function reconcile(repository: string, environment: RemoteServer['environment']) {
  const { stdout } = await run(
    process.execPath,
    [join(root, 'dist', 'main.js'), 'reconcile', '--once', '--repository', repository, '--json'],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: directory,
        PROVISIONING_HOME: join(directory, 'home'),
        ...environment,
      },
    },
  );
  return JSON.parse(stdout) as { passes: { status: string; writes: number; checkpoints: number; stateRef: string }[] };
}

it.each([
  ['a path', async (bare: string) => ({ url: bare, environment: {}, close: async () => {} })],
  ['file://', async (bare: string) => ({ url: `file://${bare}`, environment: {}, close: async () => {} })],
  ['smart HTTP', async () => serveHttp(directory, 'shop.git')],
  ['ssh', async (bare: string) => serveSsh(join(directory, 'ssh'), bare)],
] as const)('reconciles over %s: applied, then in sync, and the record is on the remote', async (_name, serve) => {
  const bare = publish();
  const server: RemoteServer = await serve(bare);
  try {
    const first = await reconcile(server.url, server.environment);
    expect(first.passes[0]).toMatchObject({ status: 'applied' });
    expect(first.passes[0]?.writes).toBeGreaterThan(0);
    const log = execFileSync('git', ['-C', bare, 'log', '--format=%s', first.passes[0]?.stateRef ?? ''], {
      encoding: 'utf8',
    });
    expect(log).toMatch(/^create .* done$/m);
    const second = await reconcile(server.url, server.environment);
    expect(second.passes[0]).toMatchObject({ status: 'in-sync', writes: 0, checkpoints: 0 });
  } finally {
    await server.close();
  }
});

it('plans without opening a socket or starting a program', async () => {
  const trace = join(directory, 'trace.txt');
  const script = join(root, 'test', 'remotes', 'plan-alone.ts');
  const bundle = join(directory, 'plan-alone.cjs');
  execFileSync(join(root, 'node_modules', '.bin', 'esbuild'), [
    script,
    '--bundle',
    '--platform=node',
    '--format=cjs',
    `--outfile=${bundle}`,
    '--log-level=error',
  ]);
  const { stdout } = await run('strace', [
    '-f',
    '-qq',
    '-e',
    'trace=network,execve',
    '-o',
    trace,
    process.execPath,
    bundle,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ changes: 1 });
  const calls = readFileSync(trace, 'utf8')
    .split('\n')
    .filter(line => line.includes('('));
  // What Node asks about its own standard streams is no connection.
  expect(calls.filter(line => / (?:socket|connect|bind|listen|accept4?|sendto|sendmsg)\(/.test(line))).toEqual([]);
  expect(calls.filter(line => line.includes('execve('))).toHaveLength(1);
});
