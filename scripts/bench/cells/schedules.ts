import { join } from 'node:path';
import { type Bench, answerOf, expect, folder, succeeded } from '../bench.ts';
import { startCloud } from '../cloud.ts';
import { ours, writeOurs } from '../ours.ts';
import { type Shape, depth, graph } from '../shapes.ts';
import { table } from '../table.ts';
import { terraform, writeTerraform } from '../terraform.ts';

interface Case {
  readonly shape: Shape;
  readonly size: number;
  readonly stepMs: number;
  readonly parallel: number;
}

const CASES: readonly Case[] = [
  { shape: 'independent', size: 100, stepMs: 500, parallel: 10 },
  { shape: 'layered', size: 100, stepMs: 500, parallel: 10 },
  { shape: 'chain', size: 20, stepMs: 250, parallel: 10 },
  { shape: 'independent', size: 300, stepMs: 1_000, parallel: 64 },
];

/** Seconds that no order of the steps can beat: equal steps go in rounds, and a round that is not full takes as long as any other. */
function idealS(one: Case): number {
  const longest = depth(graph(one.shape, one.size));
  return (Math.max(longest, Math.ceil(one.size / one.parallel)) * one.stepMs) / 1_000;
}

interface Timed {
  readonly one: Case;
  readonly idealS: number;
  readonly runS: number;
  readonly wallS: number;
  readonly theirS: number | null;
}

/** How close an apply comes to the bound that the graph and the latencies set. Returns the table. */
export async function schedules(bench: Bench): Promise<string> {
  const timed: Timed[] = [];
  for (const one of CASES) timed.push(await schedule(bench, one));
  const worst = Math.min(...timed.map(row => row.idealS / row.runS));
  const whole = Math.min(...timed.map(row => row.idealS / row.wallS));
  bench.found.set('A4', {
    value: worst,
    steady: true,
    note: `of the run; ${whole.toFixed(3)} of the whole command with start and plan`,
  });
  return table(
    ['case', 'ideal s', 'our run s', 'eff.', 'our command s', 'eff.', 'terraform command s', 'eff.'],
    timed.map(row => {
      const share = (actual: number): string => (row.idealS / actual).toFixed(3);
      const { shape, size, stepMs, parallel } = row.one;
      return [
        `${size} ${shape} x ${stepMs} ms, P=${parallel}`,
        row.idealS.toFixed(2),
        row.runS.toFixed(2),
        share(row.runS),
        row.wallS.toFixed(2),
        share(row.wallS),
        row.theirS === null ? bench.absent : row.theirS.toFixed(2),
        row.theirS === null ? '' : share(row.theirS),
      ];
    }),
  );
}

async function schedule(bench: Bench, one: Case): Promise<Timed> {
  const { shape, size, stepMs, parallel } = one;
  const name = `latency-${shape}-${size}`;
  bench.say(`schedule cell: ${name}`);
  const place = folder(bench, name);
  const nodes = graph(shape, size);
  const cloud = await startCloud({ latency: { writes: stepMs } });
  try {
    const workspace = await writeOurs({
      program: bench.program,
      folder: join(place, 'ours'),
      name,
      nodes,
      cloudUrl: cloud.url,
      parallel,
    });
    const done = await ours(workspace, 'apply', ['--auto-approve', '--json']);
    const answer = answerOf<{ run: { durationMs: number; done: readonly unknown[] } }>(done);
    expect(answer.run.done.length, size, `changes done by ${name}`);
    let theirS: number | null = null;
    if (bench.terraform !== null) {
      writeTerraform(join(place, 'tf'), nodes, { sleepMs: stepMs });
      const flags = ['-auto-approve', `-parallelism=${parallel}`];
      theirS = succeeded(await terraform(join(place, 'tf'), 'apply', flags), 'terraform apply').wallS;
    }
    return { one, idealS: idealS(one), runS: answer.run.durationMs / 1_000, wallS: done.wallS, theirS };
  } finally {
    await cloud.close();
  }
}
