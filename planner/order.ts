import { Fault } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import { sortedBy } from './sort.ts';
import { topology } from './topology.ts';

/**
 * The changes in one valid order: each after everything it needs, in waves, inside a wave by key. The order does not
 * depend on the order of the input. Needs that name no change of the list count as done. Throws Fault `bug` on a cycle.
 */
export function orderChanges(changes: readonly Change[]): Change[] {
  const { sorted, order, cut } = waves(changes);
  if (cut.length > 0) {
    const keys = cut.map(index => sorted[index]?.key ?? '');
    throw new Fault('bug', { id: 'PR-CYCLE', what: `the changes need each other in a circle: ${keys.join(', ')}` });
  }
  return order.map(index => sorted[index] as Change);
}

/**
 * For each change the length of the longest path that starts with it, its own duration included. What has the longest
 * way to go starts first, which keeps the total time close to the critical path.
 */
export function priorities(
  changes: readonly Change[],
  durationMs: (change: Change) => number,
): ReadonlyMap<string, number> {
  const { sorted, order, needs } = waves(changes);
  const after = new Float64Array(sorted.length);
  const longest = new Map<string, number>();
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const index = order[at] as number;
    const change = sorted[index] as Change;
    const length = durationMs(change) + (after[index] ?? 0);
    longest.set(change.key, length);
    for (const needed of needs[index] ?? []) after[needed] = Math.max(after[needed] ?? 0, length);
  }
  return longest;
}

function waves(changes: readonly Change[]) {
  const sorted = sortedBy(changes, change => change.key);
  const indexes = new Map(sorted.map((change, index) => [change.key, index]));
  const needs = sorted.map(change =>
    change.needs.map(key => indexes.get(key)).filter((index): index is number => index !== undefined),
  );
  return { sorted, needs, ...topology(needs) };
}
