import type { Address } from '../name.ts';

/**
 * One cycle of each knot of resources that need each other, as the addresses along it; the first is not repeated at the
 * end. Linear in resources and needs, and without recursion, so that a chain of 50,000 does not run out of stack.
 */
export function cycles(needs: ReadonlyMap<Address, readonly Address[]>): Address[][] {
  const left = unordered(needs);
  const found: Address[][] = [];
  const done = new Set<Address>();
  for (const start of [...left].toSorted()) {
    if (done.has(start)) continue;
    const cycle = walk(start, { needs, left, done });
    if (cycle.length > 0) found.push(fromSmallest(cycle));
  }
  return found;
}

/** What no order can place: resources in a cycle, or needing one in a cycle. */
function unordered(needs: ReadonlyMap<Address, readonly Address[]>): Set<Address> {
  const waiting = new Map<Address, number>();
  const dependents = new Map<Address, Address[]>();
  const ready: Address[] = [];
  for (const [address, targets] of needs) {
    const known = targets.filter(target => needs.has(target));
    waiting.set(address, known.length);
    if (known.length === 0) ready.push(address);
    for (const target of known) {
      const list = dependents.get(target);
      if (list === undefined) dependents.set(target, [address]);
      else list.push(address);
    }
  }
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    waiting.delete(next);
    for (const dependent of dependents.get(next) ?? []) {
      const count = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, count);
      if (count === 0) ready.push(dependent);
    }
  }
  return new Set(waiting.keys());
}

/** Follows one need after the other until a resource comes up again, or one that an earlier walk passed. */
function walk(
  start: Address,
  {
    needs,
    left,
    done,
  }: {
    readonly needs: ReadonlyMap<Address, readonly Address[]>;
    readonly left: ReadonlySet<Address>;
    readonly done: Set<Address>;
  },
): Address[] {
  const path: Address[] = [];
  const position = new Map<Address, number>();
  for (let next: Address | undefined = start; next !== undefined && !done.has(next); ) {
    const known = position.get(next);
    if (known !== undefined) {
      for (const address of path) done.add(address);
      return path.slice(known);
    }
    position.set(next, path.length);
    path.push(next);
    next = needs.get(next)?.find(target => left.has(target));
  }
  for (const address of path) done.add(address);
  return [];
}

function fromSmallest(cycle: readonly Address[]): Address[] {
  const smallest = cycle.reduce((best, address, index) => (address < (cycle[best] as Address) ? index : best), 0);
  return [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
}
