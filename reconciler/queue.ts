/** Work by key: a key is in it once, however often it was hinted at, and never runs twice at a time. */
export interface Queue {
  /** Marks a key dirty. Cheap and lossless: hints that arrive while it runs make it run once more. */
  hint(key: string): void;
  /** Resolves when nothing is dirty or running. */
  idle(): Promise<void>;
}

/**
 * A level-triggered queue that works on `parallel` keys at once, in the order in which they became dirty. A key waits
 * while one of those that go before it (`after`) is dirty or running; nothing may go before itself, directly or not.
 */
export function openQueue(
  work: (key: string) => Promise<void>,
  options: { readonly parallel: number; readonly after?: (key: string) => readonly string[] },
): Queue {
  const dirty = new Set<string>();
  const running = new Set<string>();
  let waiting: (() => void)[] = [];

  const settle = (): void => {
    if (dirty.size > 0 || running.size > 0) return;
    for (const wake of waiting) wake();
    waiting = [];
  };
  const isBehind = (key: string): boolean =>
    options.after?.(key).some(before => dirty.has(before) || running.has(before)) === true;
  const start = (): void => {
    for (const key of dirty) {
      if (running.size >= options.parallel) return;
      if (running.has(key) || isBehind(key)) continue;
      dirty.delete(key);
      running.add(key);
      void work(key).finally(() => {
        running.delete(key);
        start();
        settle();
      });
    }
  };
  return {
    hint(key) {
      dirty.add(key);
      start();
    },
    idle: () =>
      new Promise(resolve => {
        waiting.push(resolve);
        settle();
      }),
  };
}
