import type { World } from '../../../schemas/world.ts';
import type { Failpoint } from '../../../schemas/failpoint.ts';

export interface VirtualWorld extends World {
  /** Lets time pass without anybody noticing until they look: what a paused process experiences. */
  skip(ms: number): void;
}

/** Time that stands still while anything can be done, and jumps to the next sleeper's end when nothing can. */
export function virtualWorld(reach: (point: Failpoint) => Promise<void> | void = () => {}): VirtualWorld {
  let now = 1_000_000;
  let seed = 1;
  let ticking = false;
  const sleepers: { at: number; wake: () => void }[] = [];

  function tick(): void {
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    ticking = sleepers.length > 0;
    if (next !== undefined) {
      now = Math.max(now, next.at);
      next.wake();
    }
    if (ticking) setImmediate(() => setImmediate(tick));
  }

  return {
    clock: {
      now: () => 1_700_000_000_000 + Math.floor(now),
      monotonic: () => now,
      sleep(ms, signal) {
        return new Promise((resolve, reject) => {
          if (signal?.aborted === true) return reject(signal.reason);
          const aborted = (): void => {
            sleepers.splice(sleepers.indexOf(sleeper), 1);
            reject(signal?.reason);
          };
          const sleeper = {
            at: now + ms,
            wake() {
              signal?.removeEventListener('abort', aborted);
              resolve();
            },
          };
          sleepers.push(sleeper);
          signal?.addEventListener('abort', aborted, { once: true });
          if (!ticking) setImmediate(() => setImmediate(tick));
          ticking = true;
        });
      },
    },
    randomHex(count) {
      seed += 1;
      return seed
        .toString(16)
        .padStart(count * 2, '0')
        .slice(-count * 2);
    },
    reach: async point => reach(point),
    skip(ms) {
      now += ms;
    },
  };
}
