import type { World } from '../../schemas/world.ts';

/** Wakes one waiting loop; a wake-up that comes while nobody waits is kept. */
export interface Signal {
  raise(): void;
  next(): Promise<void>;
}

export function openSignal(): Signal {
  let raised = false;
  let waiting: Promise<void> | null = null;
  let wake = (): void => {};
  return {
    raise() {
      if (waiting === null) raised = true;
      else {
        waiting = null;
        wake();
      }
    },
    next() {
      if (raised) {
        raised = false;
        return Promise.resolve();
      }
      waiting ??= new Promise(resolve => {
        wake = resolve;
      });
      return waiting;
    },
  };
}

/** Resolves at the next wake-up or after `ms`, whichever comes first. */
export async function nextWithin(signal: Signal, world: World, ms: number): Promise<void> {
  const over = new AbortController();
  const slept = world.clock.sleep(ms, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  await Promise.race([signal.next(), slept]);
  over.abort();
}
