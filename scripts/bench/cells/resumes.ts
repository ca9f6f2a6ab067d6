import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Bench, expect, folder, succeeded } from '../bench.ts';
import { startCloud } from '../cloud.ts';
import { ours, writeOurs } from '../ours.ts';
import { best } from '../pairs.ts';
import { graph } from '../shapes.ts';

/** Kills an apply at its half with SIGKILL, starts it again, and asks the ledger when the first call came. Returns a line for the report. */
export async function resumes(bench: Bench, size: number): Promise<string> {
  bench.say(`resume cell: ${size}`);
  const cloud = await startCloud({ latency: { writes: 2 } });
  try {
    const nodes = graph('independent', size);
    const place = folder(bench, 'resume');
    const workspace = await writeOurs({
      program: bench.program,
      folder: join(place, 'ours'),
      name: 'resume',
      nodes,
      cloudUrl: cloud.url,
      parallel: 10,
    });
    const env = { ...process.env, PROVISIONING_HOME: workspace.home };
    const argv = [bench.program, 'apply', '-C', workspace.folder, '--auto-approve'];
    const victim = spawn(process.execPath, argv, { env, stdio: 'ignore' });
    const ended = once(victim, 'exit');
    while ((await cloud.mark()) < size / 2) {
      if (victim.exitCode !== null) throw new Error('the apply ended before it could be killed');
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    victim.kill('SIGKILL');
    await ended;

    const mark = await cloud.mark();
    const startedAt = Date.now();
    const done = succeeded(await ours(workspace, 'apply', ['--auto-approve']), 'apply after a kill');
    const asked = await cloud.since(mark);
    const created = (await cloud.since(0)).filter(
      entry => entry.operation === 'create' && entry.effect.includes('created'),
    );
    expect(created.length, size, 'objects created before and after the kill');
    const firstS = ((asked[0]?.at ?? Number.NaN) - startedAt) / 1_000;
    const firstWriteS = ((asked.find(entry => entry.method !== 'GET')?.at ?? Number.NaN) - startedAt) / 1_000;
    goal(bench, size, firstS);
    return `Killed at about half of ${size} creates and started again: first request after ${firstS.toFixed(2)} s, first write after ${firstWriteS.toFixed(2)} s, done after ${done.wallS.toFixed(2)} s; ${created.length} objects, none twice.`;
  } finally {
    await cloud.close();
  }
}

function goal(bench: Bench, size: number, firstS: number): void {
  const on = `independent ${size.toLocaleString('en')}`;
  const plan = bench.cells.find(cell => cell.what === 'plan no-op, cold' && cell.on === on);
  if (plan === undefined || plan.theirs.length === 0) return;
  bench.found.set('C6', {
    value: firstS / best(plan.theirs),
    steady: true,
    note: `${on}; the first call is a listing`,
  });
}
