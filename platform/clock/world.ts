import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { World } from '../../schemas/world.ts';
import { failpoints } from './failpoints.ts';

/** The real clock, real randomness, and the failpoints that the environment asks for. */
export function systemWorld(environment: { readonly [name: string]: string | undefined } = process.env): World {
  return {
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep,
    },
    randomHex: count => randomBytes(count).toString('hex'),
    reach: failpoints(environment),
  };
}

/** Node's own promise of a timer makes an error with a trace when it is cut short, and every request cuts one short. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cut);
      resolve();
    }, ms);
    if (signal?.aborted === true) cut();
    else signal?.addEventListener('abort', cut, { once: true });
  });
}
