import type { Clock } from '../schemas/world.ts';

/** Waiting that others can end: a stop, or news. */
export interface Rest {
  /** Resolves after `ms`, or at the next `wake`; at once after `end`. */
  pause(ms: number): Promise<void>;
  wake(): void;
  /** Wakes all, and lets nobody rest any more. */
  end(): void;
}

export function openRest(clock: Clock): Rest {
  const resting = new Set<AbortController>();
  let ended = false;
  const wake = (): void => {
    // A reason of our own: the usual one is an error that takes long to make.
    for (const one of resting) one.abort('woken');
    resting.clear();
  };
  return {
    async pause(ms) {
      if (ended) return;
      const one = new AbortController();
      resting.add(one);
      try {
        await clock.sleep(Math.max(0, ms), one.signal);
      } catch (error) {
        if (!one.signal.aborted) throw error;
      } finally {
        resting.delete(one);
      }
    },
    wake,
    end() {
      ended = true;
      wake();
    },
  };
}
