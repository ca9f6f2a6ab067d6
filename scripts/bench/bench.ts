import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchCloud } from './cloud.ts';
import type { Found } from './goals.ts';
import type { Measured } from './measure.ts';
import type { Cell } from './pairs.ts';
import type { Shape } from './shapes.ts';

/** What all cells share. */
export interface Bench {
  /** Folder for everything that is written; removed at the end. */
  readonly root: string;
  /** File of the program that is measured. */
  readonly program: string;
  /** Milliseconds that the disk takes to keep a line. */
  readonly syncMs: number;
  /** A demo cloud without latency. */
  readonly cloud: BenchCloud;
  /** Version line of terraform; null when there is none. */
  readonly terraform: string | null;
  /** What the table says where terraform is not run at all. */
  readonly absent: string;
  readonly shapes: readonly Shape[];
  readonly sizes: readonly number[];
  readonly pairs: number;
  /** Seconds after which a cell begins no further pair. */
  readonly budgetS: number;
  /** Also run terraform at 10,000 where it ends in sensible time. */
  readonly full: boolean;
  readonly cells: Cell[];
  readonly found: Map<string, Found>;
  readonly notes: string[];
  say(line: string): void;
}

export function folder(bench: Bench, ...path: string[]): string {
  const made = join(bench.root, ...path);
  mkdirSync(made, { recursive: true });
  return made;
}

/** The JSON document that a command printed; throws with what it printed when the command failed. */
export function answerOf<T>(done: Measured): T {
  succeeded(done, 'a command of ours');
  return JSON.parse(done.stdout) as T;
}

export function succeeded(done: Measured, what: string): Measured {
  if (done.exit !== 0)
    throw new Error(`${what} ended with ${done.exit}:\n${done.stderr.slice(-3_000)}${done.stdout.slice(-1_000)}`);
  return done;
}

export function expect(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted)
    throw new Error(
      `${what}: found ${String(actual)}, expected ${String(wanted)}; nothing is timed that does not do the work`,
    );
}

/** What terraform is asked to do in a cell. */
export type Verb = 'validate' | 'no-op' | 'plan' | 'apply';

/** Why terraform is not run in a cell; null when it is. */
export function skipped(bench: Bench, verb: Verb, { shape, size }: { shape: Shape; size: number }): string | null {
  if (bench.terraform === null) return bench.absent;
  const later = bench.full ? null : 'skipped: minutes, see --full';
  if (verb === 'apply') {
    if (size > 1_000) return 'skipped: > 10 min';
    return size > 300 && shape !== 'independent' ? later : null;
  }
  if (size <= 3_000) return null;
  if (shape === 'chain') return 'skipped: > 10 min';
  return shape === 'independent' && verb !== 'plan' ? null : later;
}
