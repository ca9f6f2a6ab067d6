import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { upcloud } from '../../../providers/upcloud/index.ts';
import type { CallContext } from '../../../schemas/provider.ts';
import type { Clock } from '../../../schemas/world.ts';
import { worldOn } from '../virtual-clock.ts';
import { request } from './objects.ts';

const MAIN = new URL('../../fakes/upcloud/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'fake-upcloud-'));
const children: ChildProcess[] = [];
let loader = '';

beforeAll(() => {
  loader = import.meta.resolve('tsx');
});

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A fake in a process of its own, with what it knows in a file. */
async function start(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const options = ['--token', 'ucat-token', '--state', join(folder, 'state.json'), '--action-ms', '0'];
  const child = spawn(process.execPath, ['--import', loader, MAIN, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const url = await new Promise<string>(resolve => child.stdout?.once('data', data => resolve(String(data).trim())));
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  return { url, stop };
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Nothing here waits for time to pass: a deadline that never comes is enough.
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
};
const ctx: CallContext = {
  world: worldOn(clock),
  signal: new AbortController().signal,
  fetch: globalThis.fetch,
  timeoutMs: 10_000,
};

const connect = (url: string) => upcloud.connect(ctx, { url }, () => Promise.resolve('ucat-token'));

it('is a cloud on a port that is still there after it was killed', async () => {
  const first = await start();
  const connection = await connect(first.url);
  const made = await connection.create(ctx, request('network', 'n', { ipRange: '10.1.0.0/16' }));
  expect(made.status).toBe('done');
  await first.stop();
  const second = await start();
  const listed = await (await connect(second.url)).list(ctx, 'shop@prod');
  expect(listed).toMatchObject([made.status === 'done' ? made.object : {}]);
  const ledger = (await (await fetch(`${second.url}/fake/ledger`)).json()) as { path: string }[];
  expect(ledger.map(entry => entry.path)).toContain('/1.3/account');
}, 30_000);
