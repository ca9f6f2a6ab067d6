/** A priority queue: the largest priority comes out first, equal ones in the order in which they went in. */
export interface Heap<T> {
  readonly size: number;
  push(item: T, priority: number): void;
  peek(): T | undefined;
  pop(): T | undefined;
}

interface Entry<T> {
  readonly item: T;
  readonly priority: number;
  readonly order: number;
}

export function openHeap<T>(): Heap<T> {
  const entries: Entry<T>[] = [];
  let order = 0;
  const before = (a: Entry<T>, b: Entry<T>): boolean =>
    a.priority > b.priority || (a.priority === b.priority && a.order < b.order);
  const swap = (i: number, j: number): void => {
    const a = entries[i] as Entry<T>;
    entries[i] = entries[j] as Entry<T>;
    entries[j] = a;
  };
  const down = (): void => {
    let at = 0;
    for (;;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < entries.length && before(entries[child] as Entry<T>, entries[first] as Entry<T>)) first = child;
      }
      if (first === at) return;
      swap(at, first);
      at = first;
    }
  };
  return {
    get size() {
      return entries.length;
    },
    push(item, priority) {
      entries.push({ item, priority, order: order++ });
      let at = entries.length - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!before(entries[at] as Entry<T>, entries[parent] as Entry<T>)) return;
        swap(at, parent);
        at = parent;
      }
    },
    peek: () => entries[0]?.item,
    pop() {
      const top = entries[0];
      const last = entries.pop();
      if (top === undefined || last === undefined) return undefined;
      if (entries.length > 0) {
        entries[0] = last;
        down();
      }
      return top.item;
    },
  };
}
