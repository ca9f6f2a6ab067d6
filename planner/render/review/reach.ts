import type { Change, Plan } from '../../../schemas/plan.ts';
import { priorities } from '../../order.ts';
import { sortedUnique } from '../../sort.ts';

/** Number of changes in the longest row of which each needs the one before. */
export function longestChain(plan: Plan): number {
  return Math.max(0, ...priorities(plan.changes, () => 1).values());
}

/** What stops working, if only for a moment. */
export function isDisruptive({ risk, action }: Change): boolean {
  return action !== 'create' && ['restart', 'replace', 'destroy', 'data-loss'].includes(risk);
}

/** What stays and is affected, and what it rests on. Both sorted. */
export interface Downstream {
  readonly names: readonly string[];
  readonly roots: readonly string[];
}

/** Addresses in the plan that rest, directly or not, on something that restarts, is replaced or goes, and stay themselves. */
export function downstreamOf(plan: Plan): Downstream {
  const dependants = new Map<string, Set<string>>();
  const byKey = new Map(plan.changes.map(change => [change.key, change]));
  for (const change of plan.changes) {
    for (const needed of [...(change.requires ?? []), ...neededBy(change, byKey)]) {
      if (needed === change.address) continue;
      const known = dependants.get(needed) ?? new Set();
      dependants.set(needed, known.add(change.address));
    }
  }
  const made = new Set(plan.changes.filter(one => !isEnding(one)).map(({ address }) => address));
  const roots = new Set(plan.changes.filter(isDisruptive).map(({ address }) => address));
  const reached = new Set<string>();
  const queue = [...roots];
  for (let address = queue.pop(); address !== undefined; address = queue.pop()) {
    for (const next of dependants.get(address) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(next);
    }
  }
  const names = sortedUnique([...reached].filter(address => made.has(address)));
  const touching = (root: string) => [...(dependants.get(root) ?? [])].some(address => made.has(address));
  return { names, roots: sortedUnique([...roots].filter(touching)) };
}

function isEnding({ action }: Change): boolean {
  return action === 'delete' || action === 'forget';
}

/** What a new or changed object waits for. A deletion waits for what rests on it, which is the other direction. */
function neededBy(change: Change, byKey: ReadonlyMap<string, Change>): string[] {
  if (isEnding(change)) return [];
  return change.needs
    .map(key => byKey.get(key))
    .filter(needed => needed !== undefined && !isEnding(needed))
    .map(needed => needed?.address ?? '');
}
