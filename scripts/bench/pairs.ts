import type { Found } from './goals.ts';
import type { Measured } from './measure.ts';

export interface Sample {
  readonly wallS: number;
  readonly cpuS: number | null;
  readonly peakMib: number | null;
}

/** One thing measured with both programs. `theirs` is empty when it was not run, and `why` says why. */
export interface Cell {
  readonly what: string;
  readonly on: string;
  readonly ours: readonly Sample[];
  readonly theirs: readonly Sample[];
  readonly why?: string;
  /** Requests that our side sent to the cloud in one run. */
  readonly calls?: number;
}

/** Above this quotient of the largest and the smallest ratio, the pairs of a cell say nothing. */
const SPREAD = 2;

/** Above this one, CPU time decides, because it depends less on what else the machine does. */
const SHAKY = 1.3;

export interface PairOptions {
  readonly pairs: number;
  /** No further pair is begun after this many seconds. */
  readonly budgetS: number;
  readonly ours: () => Promise<Measured>;
  readonly theirs: (() => Promise<Measured>) | null;
}

/** Runs both in turn, and changes who goes first with every pair. */
export async function pairUp(options: PairOptions): Promise<{ ours: Sample[]; theirs: Sample[] }> {
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  const start = performance.now();
  for (let pair = 0; pair < options.pairs; pair += 1) {
    const oursFirst = pair % 2 === 0;
    if (oursFirst) ours.push(sample(await options.ours()));
    if (options.theirs !== null) theirs.push(sample(await options.theirs()));
    if (!oursFirst) ours.push(sample(await options.ours()));
    const spentS = (performance.now() - start) / 1_000;
    if (spentS + spentS / (pair + 1) > options.budgetS) break;
  }
  return { ours, theirs };
}

export function sample({ wallS, cpuS, peakMib }: Measured): Sample {
  return { wallS, cpuS, peakMib };
}

export interface Ratio {
  readonly wall: number;
  readonly cpu: number | null;
  readonly peak: number | null;
  readonly pairs: number;
  /** Largest by smallest wall ratio of the pairs, without the outermost tenths when there are ten pairs or more. */
  readonly spread: number;
  /** False when the pairs differ too much for a verdict. */
  readonly steady: boolean;
}

/** Ours by theirs: median over the pairs. Null when there is nothing to compare with. */
export function ratioOf(cell: Cell): Ratio | null {
  const pairs = Math.min(cell.ours.length, cell.theirs.length);
  if (pairs === 0) return null;
  const of = (field: keyof Sample): number[] =>
    cell.ours.slice(0, pairs).flatMap((ours, at) => {
      const [a, b] = [ours[field], cell.theirs[at]?.[field]];
      return a === null || b === null || b === undefined || b === 0 ? [] : [a / b];
    });
  const walls = of('wallS');
  // With many pairs the outermost tenths do not count.
  const trim = pairs >= 10 ? 0.1 : 0;
  const spread = quantile(walls, 1 - trim) / quantile(walls, trim);
  return {
    wall: median(walls),
    cpu: orNull(of('cpuS')),
    peak: orNull(of('peakMib')),
    pairs,
    spread,
    steady: spread <= SPREAD,
  };
}

/** What a cell says for a goal; null when there is nothing to compare with. */
export function found(cell: Cell): Found | null {
  const ratio = ratioOf(cell);
  if (ratio === null) return null;
  const pairs = `${ratio.pairs} ${ratio.pairs === 1 ? 'pair' : 'pairs'}`;
  const byCpu = ratio.spread > SHAKY && ratio.cpu !== null;
  if (!byCpu || !ratio.steady) return { value: ratio.wall, steady: ratio.steady, note: pairs };
  return {
    value: ratio.cpu,
    steady: true,
    note: `${pairs}, by CPU (wall ${ratio.wall.toFixed(2)}, spread ${ratio.spread.toFixed(1)}x)`,
  };
}

function orNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, Math.min(sorted.length - 1, at))] ?? NaN;
}

/** Median of the samples, member by member. */
export function middle(samples: readonly Sample[]): Sample | null {
  if (samples.length === 0) return null;
  const known = (values: readonly (number | null)[]): number | null => orNull(values.filter(value => value !== null));
  return {
    wallS: median(samples.map(one => one.wallS)),
    cpuS: known(samples.map(one => one.cpuS)),
    peakMib: known(samples.map(one => one.peakMib)),
  };
}

export function best(samples: readonly Sample[]): number {
  return Math.min(...samples.map(one => one.wallS));
}
