import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { aws } from '../../../providers/aws/index.ts';
import { realContext } from './real-context.ts';
import { WORKSPACE, request } from './objects.ts';

const MAIN = new URL('../../fakes/aws/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'fake-aws-'));
const children: ChildProcess[] = [];
const KEYS = { 'env:AWS_ACCESS_KEY_ID': 'AKIATEST', 'env:AWS_SECRET_ACCESS_KEY': 'process-secret' };

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A fake in a process of its own, with what it knows in a file. */
async function start(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const credentials = ['--access-key-id', 'AKIATEST', '--secret-access-key', 'process-secret'];
  const options = [...credentials, '--state', join(folder, 'state.json'), '--action-ms', '0'];
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), MAIN, ...options], {
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

const connect = (url: string) =>
  aws.connect(realContext(), { region: 'us-east-1', url, visibleAfterMs: 0 }, reference =>
    Promise.resolve(KEYS[reference as keyof typeof KEYS]),
  );

it('is a cloud on a port that is still there after it was killed', async () => {
  const ctx = realContext();
  const first = await start();
  const connection = await connect(first.url);
  const made = await connection.create(ctx, request('network', { ipRange: '10.1.0.0/16' }));
  expect(made).toMatchObject({ status: 'done', object: { phase: 'ready' } });
  await first.stop();
  const second = await start();
  const listed = await (await connect(second.url)).list(ctx, WORKSPACE);
  expect(listed).toMatchObject([made.status === 'done' ? made.object : {}]);
  const ledger = (await (await fetch(`${second.url}/fake/ledger`)).json()) as { action: string }[];
  expect(ledger.map(entry => entry.action)).toContain('DescribeVpcs');
}, 60_000);
