/** Indexes in an order in which each comes after what it needs. */
export interface Topology {
  readonly order: readonly number[];
  /** Indexes that were released although something they need was not: one for each cycle that had to be cut. */
  readonly cut: readonly number[];
}

/**
 * Orders `0..needs.length-1` in waves: first what needs nothing, then what needs only that, and so on; inside a wave by
 * index. Linear in nodes and edges apart from sorting each wave, without recursion. A cycle is cut at its smallest index.
 */
export function topology(needs: readonly (readonly number[])[]): Topology {
  const { open, dependants } = countEdges(needs);
  const order: number[] = [];
  const cut: number[] = [];
  let wave: number[] = [];
  for (let index = 0; index < needs.length; index += 1) if (open[index] === 0) wave.push(index);
  let smallest = 0;
  while (order.length < needs.length) {
    if (wave.length === 0) {
      while ((open[smallest] ?? 0) <= 0) smallest += 1;
      cut.push(smallest);
      wave = [smallest];
    }
    const next: number[] = [];
    for (const index of wave) {
      order.push(index);
      open[index] = -1;
      for (const dependant of dependants[index] ?? []) {
        const left = (open[dependant] ?? 0) - 1;
        if (left < 0) continue;
        open[dependant] = left;
        if (left === 0) next.push(dependant);
      }
    }
    wave = next.sort((a, b) => a - b);
  }
  return { order, cut };
}

function countEdges(needs: readonly (readonly number[])[]): { open: Int32Array; dependants: number[][] } {
  const open = new Int32Array(needs.length);
  const dependants: number[][] = needs.map(() => []);
  needs.forEach((list, index) => {
    for (const needed of list) {
      if (needed === index) continue;
      open[index] = (open[index] ?? 0) + 1;
      dependants[needed]?.push(index);
    }
  });
  return { open, dependants };
}
