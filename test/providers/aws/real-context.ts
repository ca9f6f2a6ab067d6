import type { CallContext } from '../../../schemas/provider.ts';
import type { Clock } from '../../../schemas/world.ts';
import { worldOn } from '../virtual-clock.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Nothing here waits for time to pass: a deadline that never comes is enough.
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
};

/** A context of this machine's own time and network. */
export function realContext(): CallContext {
  return {
    world: worldOn(clock),
    signal: new AbortController().signal,
    fetch: globalThis.fetch,
    timeoutMs: 30_000,
  };
}
