import { join } from 'node:path';
import { type Bench, answerOf } from '../bench.ts';
import { measure } from '../measure.ts';
import { median } from '../pairs.ts';

const PROGRAM = join(import.meta.dirname, '../engine.ts');

interface Ran {
  readonly cpuS: number;
  readonly durationMs: number;
  readonly commits: number;
}

/**
 * What the engine costs by itself: the same run with few and with many resources, so that their difference holds no start
 * of a process. The provider answers at once in the process; the record is a real one, pushed to a repository.
 */
export async function engine(bench: Bench, [few, many]: readonly [number, number]): Promise<void> {
  bench.say(`engine cell: ${few} and ${many}`);
  const pairs: { readonly small: Ran; readonly large: Ran }[] = [];
  for (let pair = 0; pair < Math.min(3, bench.pairs); pair += 1) {
    pairs.push({ small: await ran(few), large: await ran(many) });
  }
  const of = (value: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(value));
  const note = `${many} less ${few}, P=10, instant provider in the process`;
  bench.found.set('A3', {
    value: of(({ small, large }) => ((large.cpuS - small.cpuS) / (many - few)) * 1_000),
    steady: true,
    note,
  });
  bench.found.set('C1', {
    value: of(({ small, large }) => ((large.commits - small.commits) / (large.durationMs - small.durationMs)) * 1_000),
    steady: true,
    note,
  });
}

async function ran(size: number): Promise<Ran> {
  const done = await measure({ argv: [process.execPath, '--import', 'tsx', PROGRAM, String(size)] });
  return { ...answerOf<Omit<Ran, 'cpuS'>>(done), cpuS: done.cpuS ?? Number.NaN };
}
