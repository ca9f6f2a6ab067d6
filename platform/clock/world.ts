import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { World } from '../../schemas/world.ts';
import { failpoints } from './failpoints.ts';

/** The real clock, real randomness, and the failpoints that the environment asks for. */
export function systemWorld(environment: { readonly [name: string]: string | undefined } = process.env): World {
  return {
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      async sleep(ms, signal) {
        try {
          await wait(ms, undefined, signal === undefined ? {} : { signal });
        } catch (error) {
          throw signal?.aborted === true ? signal.reason : error;
        }
      },
    },
    randomHex: count => randomBytes(count).toString('hex'),
    reach: failpoints(environment),
  };
}
