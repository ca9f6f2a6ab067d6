import type { Clock, World } from '../../schemas/world.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass, waking every sleeper on the way in order. */
  advance(ms: number): Promise<void>;
  /** Sleepers that wait now. */
  waiting(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that moves only when everything else waits: when the event loop has nothing left to do, it jumps to the next
 * sleeper. With `auto: false` it moves by `advance` alone. Fit for code that does no input or output of its own.
 */
export function virtualClock(options: { readonly startMs?: number; readonly auto?: boolean } = {}): VirtualClock {
  const startMs = options.startMs ?? 1_800_000_000_000;
  const sleepers = new Set<Sleeper>();
  let nowMs = startMs;
  let events = 0;
  let ticking = false;

  const next = (limitMs: number): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers)
      if (sleeper.at <= limitMs && (first === undefined || sleeper.at < first.at)) first = sleeper;
    return first;
  };
  const wake = (sleeper: Sleeper): void => {
    nowMs = Math.max(nowMs, sleeper.at);
    sleepers.delete(sleeper);
    sleeper.wake();
  };
  const tick = (): void => {
    if (options.auto === false || ticking || sleepers.size === 0) return;
    ticking = true;
    const seen = events;
    setImmediate(() => {
      ticking = false;
      const first = next(Number.POSITIVE_INFINITY);
      if (seen === events && first !== undefined) wake(first);
      tick();
    });
  };

  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    waiting: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        events += 1;
        if (signal?.aborted === true) return reject(signal.reason);
        const stop = (): void => {
          events += 1;
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: nowMs + Math.max(0, ms),
          wake() {
            events += 1;
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
        tick();
      }),
    async advance(ms) {
      const until = nowMs + ms;
      await quiet();
      for (let sleeper = next(until); sleeper !== undefined; sleeper = next(until)) {
        wake(sleeper);
        await quiet();
      }
      nowMs = Math.max(nowMs, until);
    },
  };
}

/** Resolves when every promise that can go on has gone on. */
function quiet(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** A world on a clock, with randomness that counts and failpoints that call `reach`. */
export function worldOn(clock: Clock, reach: World['reach'] = async () => {}): World {
  let drawn = 0;
  return {
    clock,
    reach,
    randomHex(count) {
      drawn += 1;
      return drawn
        .toString(16)
        .padStart(count * 2, '0')
        .slice(-count * 2);
    },
  };
}
