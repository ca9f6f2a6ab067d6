/** One published goal. `goal` is the floor below which a part is not done, `stretch` what we aim at. */
export interface Goal {
  readonly id: string;
  readonly what: string;
  readonly goal: number;
  readonly stretch: number;
  readonly better: 'less' | 'more';
  readonly unit: string;
}

const less = (id: string, what: string, [goal, stretch]: readonly [number, number], unit = 'x'): Goal => ({
  id,
  what,
  goal,
  stretch,
  better: 'less',
  unit,
});
const more = (id: string, what: string, [goal, stretch]: readonly [number, number], unit = ''): Goal => ({
  id,
  what,
  goal,
  stretch,
  better: 'more',
  unit,
});

export const GOALS: readonly Goal[] = [
  less('P1', 'plan no-op, 10,000 independent, cold caches, by terraform plan', [0.2, 0.08]),
  less('P2', 'the same with warm caches', [0.08, 0.03]),
  less('P3', 'plan no-op, 10,000 layered, cold caches, by terraform plan', [0.1, 0.03]),
  less('P3w', 'the same with warm caches', [0.03, 0.01]),
  less('P4a', 'plan no-op, 1,000 independent, by terraform plan', [0.4, 0.2]),
  less('P4b', 'plan no-op, 100 independent, by terraform plan', [1.2, 0.8]),
  less('P5a', 'plan no-op: 10,000 by 1,000 of ours', [11, 10]),
  less('P5b', 'plan no-op, chain of 2,000, by terraform plan', [0.05, 0.02]),
  less('A1', 'apply 1,000 instant resources, by terraform apply with local state', [0.1, 0.04]),
  less('A1h', 'the same with terraform state over HTTP', [0.25, 0.12]),
  less('A2', 'apply 10,000 instant resources', [30, 10], 's'),
  less('A3', 'CPU of the engine for each applied resource', [2, 0.7], 'ms'),
  less('A3h', 'the same in an apply, with HTTP to a cloud in another process', [4, 2], 'ms'),
  more('A4', 'critical-path efficiency, worst case of the table', [0.95, 0.98]),
  more('C1', 'checkpoint commits per second of the engine', [1_000, 3_000], '/s'),
  more('C1h', 'the same in an apply, with HTTP to a cloud in another process', [400, 1_000], '/s'),
  less('C2', 'outcome to commit on the state branch, 99 of 100', [1_000, 1_000], 'ms'),
  less('C2i', 'the same when one change runs at a time, median', [25, 25], 'ms'),
  less('C2p', 'the same by a plain `git push` of one commit', [2, 1.2]),
  more('C3', 'commits per second by a `git add && git commit` loop', [30, 100], 'x'),
  less('C4', 'size of a checkpoint commit before maintenance', [10, 4], 'KB'),
  less('C4m', 'the same after `git repack -ad`', [2, 1], 'KB'),
  less('C6', 'restart after a kill: to the first call, by terraform plan', [0.15, 0.06]),
  less('M1', 'peak memory of plan no-op, 10,000, by terraform plan', [0.2, 0.12]),
  less('M1a', 'the same in MiB', [280, 170], 'MiB'),
  less('U1', '`--help` by `node -e 0`', [1.5, 1.3]),
  less('U1v', '`--version` by `node -e 0`', [1.5, 1.3]),
  less('U2', '`validate` of a ten-file workspace by `node -e 0`', [3, 2]),
  less('U3', '`validate` of 10,000 by terraform validate', [0.5, 0.15]),
];

/** What was found for a goal. */
export interface Found {
  readonly value: number;
  /** False when the measurements were too far apart, or too few, for a verdict. */
  readonly steady: boolean;
  readonly note?: string;
}

export type Verdict = 'stretch' | 'goal' | 'missed' | 'unsteady' | 'not measured';

export function verdictOf(goal: Goal, found: Found | undefined): Verdict {
  if (found === undefined || !Number.isFinite(found.value)) return 'not measured';
  if (!found.steady) return 'unsteady';
  const meets = (bound: number): boolean => (goal.better === 'less' ? found.value <= bound : found.value >= bound);
  if (meets(goal.stretch)) return 'stretch';
  return meets(goal.goal) ? 'goal' : 'missed';
}
