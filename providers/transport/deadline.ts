import { setMaxListeners } from 'node:events';
import type { CallContext } from '../../schemas/provider.ts';

/** The time that one request may take. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The time ran out, rather than somebody stopping it. */
  late(): boolean;
  stop(): void;
}

/** Aborts a request when its time is over or the caller gives up, on the clock of the world. */
export function startDeadline(ctx: CallContext): Deadline {
  const call = new AbortController();
  const timer = new AbortController();
  let late = false;
  const giveUp = (): void => call.abort();
  // One signal stops all calls of a run, and there are more of them at once than Node expects.
  setMaxListeners(0, ctx.signal);
  ctx.signal.addEventListener('abort', giveUp, { once: true });
  ctx.world.clock.sleep(ctx.timeoutMs, timer.signal).then(
    () => {
      late = true;
      call.abort();
    },
    () => {},
  );
  return {
    signal: call.signal,
    late: () => late,
    stop() {
      // A reason of our own: the usual one is an error that takes long to make.
      timer.abort('answered');
      ctx.signal.removeEventListener('abort', giveUp);
    },
  };
}
