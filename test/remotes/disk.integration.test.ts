import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const SERVERS = NAMES.map(name => `  ${name}: { size: small, image: debian-12, zone: fi-1 }\n`).join('');

let directory: string;
let bare: string;
let cloud: DemoCloud;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'provisioning-disk-'));
  cloud = await startDemoCloud();
  bare = join(directory, 'shop.git');
  const clone = join(directory, 'clone');
  mkdirSync(join(clone, 'infra'), { recursive: true });
  mkdirSync(join(directory, 'home'), { mode: 0o700 });
  writeFileSync(
    join(clone, 'workspace.yaml'),
    `name: shop\nreview: none\nproviders:\n  demo: { url: "${cloud.url}" }\n`,
  );
  writeFileSync(join(clone, 'infra', 'main.yaml'), `server:\n${SERVERS}`);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-C', clone, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Describe it');
  git('push', '--quiet', bare, 'main');
});
afterEach(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly status: string;
  readonly said: string;
}

/** One pass of the shipped program, after the words in front of it. */
function reconcile(...before: readonly string[]): Promise<Ended> {
  const [file = process.execPath, ...args] = [...before, process.execPath, PROGRAM];
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    PROVISIONING_HOME: join(directory, 'home'),
    UV_THREADPOOL_SIZE: '1',
  };
  return new Promise(resolve =>
    execFile(file, [...args, 'reconcile', '--once', '--repository', bare, '--json'], { env }, (error, stdout, said) => {
      const status = /"status": ?"([a-z-]+)"/.exec(stdout)?.[1] ?? '';
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, status, said: stdout + said });
    }),
  );
}

/** On a good disk again: one or two passes, then all is there, and no server was ever made twice. */
async function expectMended(): Promise<void> {
  let ended = await reconcile();
  if (ended.status !== 'in-sync') ended = await reconcile();
  expect(ended).toMatchObject({ code: 0, status: 'in-sync' });
  expect(
    cloud.core
      .objects()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(NAMES.map(name => `shop-${name}`));
  const made = cloud.core.ledger().filter(({ effect }) => effect.includes('created '));
  expect(made).toHaveLength(NAMES.length);
}

function expectOwnWords({ code, said }: Ended): void {
  expect(code).toBeGreaterThanOrEqual(5);
  expect(said).not.toMatch(/\n\s+at /);
}

describe('a real disk', () => {
  it('that is full stops the run, and nothing is lost or made twice', async () => {
    const home = join(directory, 'home');
    const failed: Ended[] = [];
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'provisioning', home]);
    try {
      for (const size of ['64k', '160k', '256k', '352k', '448k']) {
        execFileSync('mount', ['-o', `remount,size=${size}`, home]);
        const ended = await reconcile();
        if (ended.code !== 0) failed.push(ended);
      }
      execFileSync('mount', ['-o', 'remount,size=64m', home]);
      failed.forEach(expectOwnWords);
      expect(failed.length).toBeGreaterThan(0);
      await expectMended();
    } finally {
      execFileSync('umount', [home]);
    }
  });

  it.each((['EIO', 'ENOSPC'] as const).flatMap(error => [1, 3, 6].map(nth => ({ error, nth }))))(
    'that answers $error to fdatasync number $nth stops the run, and nothing is lost or made twice',
    async ({ error, nth }) => {
      const trace = join(directory, 'trace');
      const inject = `inject=fdatasync:error=${error}:when=${nth}`;
      const ended = await reconcile('strace', '-f', '-qq', '-o', trace, '-e', 'trace=fdatasync', '-e', inject);
      expect(execFileSync('grep', ['-c', 'INJECTED', trace], { encoding: 'utf8' }).trim()).toBe('1');
      expectOwnWords(ended);
      await expectMended();
    },
  );
});
