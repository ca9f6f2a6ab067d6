import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

/** The emulator of GitHub's API by somebody else, at exactly one version: its gaps are named in a test. */
const EMULATOR = 'emulate@0.12.2';
/** It needs a newer Node than this program. */
const NODE = 'node@24';
/** The first start fetches both from the registry. */
const START_MS = 150_000;

/** Accounts of people by login; the value is what they may do. `root` owns the repositories. */
const PEOPLE = { ann: 'push', ben: 'push', cat: 'admin', dan: 'pull' } as const;

export interface Emulator {
  readonly url: string;
  readonly app: { readonly appId: string; readonly privateKey: string };
  token(login: string): string;
  /** What a person does there: one request of the documented API. Throws when it is not answered as done. */
  does<T>(login: string, method: string, path: string, body?: object): Promise<T>;
  close(): Promise<void>;
}

/** Starts the emulator on a free port of the loopback address, with repositories of `root`, a few people and one GitHub App. */
export async function startEmulator(repositories: readonly string[]): Promise<Emulator> {
  const directory = mkdtempSync(join(tmpdir(), 'provisioning-emulate-'));
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const seed = join(directory, 'seed.json');
  writeFileSync(seed, JSON.stringify(seedOf(privateKey, repositories)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const words = ['start', '--service', 'github', '--port', String(port), '--base-url', url, '--seed', seed];
  // In a group of its own, so that what npx starts ends with it.
  const child = spawn('npx', ['--yes', '-p', NODE, '-p', EMULATOR, 'emulate', ...words], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (said += String(part)));
  const emulator: Emulator = {
    url,
    app: { appId: '4711', privateKey },
    token: tokenOf,
    async does(login, method, path, body) {
      const headers = { authorization: `token ${tokenOf(login)}`, 'content-type': 'application/json' };
      const more = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${url}${path}`, { method, headers, ...more });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return JSON.parse(text === '' ? 'null' : text) as never;
    },
    async close() {
      await ended(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    const isUp = (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`the emulator ended: ${said}`);
      return fetch(`${url}/user`).then(
        () => true,
        () => false,
      );
    };
    await vi.waitUntil(isUp, { timeout: START_MS, interval: 200 });
    for (const name of repositories)
      for (const [login, permission] of Object.entries(PEOPLE))
        await emulator.does('root', 'PUT', `/repos/root/${name}/collaborators/${login}`, { permission });
    return emulator;
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

function tokenOf(login: string): string {
  return `token_of_${login}`;
}

function seedOf(privateKey: string, repositories: readonly string[]) {
  const logins = ['root', ...Object.keys(PEOPLE)];
  return {
    tokens: Object.fromEntries(logins.map(login => [tokenOf(login), { login, scopes: ['repo', 'user'] }])),
    github: {
      users: logins.map(login => ({ login })),
      repos: repositories.map(name => ({ owner: 'root', name, auto_init: true })),
      apps: [
        {
          app_id: 4711,
          slug: 'provisioning',
          name: 'provisioning',
          private_key: privateKey,
          permissions: {
            contents: 'write',
            pull_requests: 'write',
            issues: 'write',
            checks: 'write',
            statuses: 'write',
          },
          installations: [{ installation_id: 815, account: 'root', repository_selection: 'all' }],
        },
      ],
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const over = new Promise(resolve => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await over;
}
