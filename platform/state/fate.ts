import type { World } from '../../schemas/world.ts';

/** Whether this writer still is one. Decided by its own monotonic clock, so a paused process knows at once when it wakes. */
export interface Fate {
  /** Why it ended for good; null while it has not. */
  ended(): unknown;
  end(error: unknown): void;
  /** The remote confirmed us by something that was sent at this monotonic time. */
  confirm(sentAt: number): void;
  /** Confirmed less than two thirds of the lease ago. */
  fresh(): boolean;
}

export function openFate(world: World, options: { readonly ttlMs: number; readonly confirmedAt: number }): Fate {
  let error: unknown = null;
  let confirmedAt = options.confirmedAt;
  return {
    ended: () => error,
    end(why) {
      error ??= why;
    },
    confirm(sentAt) {
      confirmedAt = Math.max(confirmedAt, sentAt);
    },
    fresh: () => error === null && world.clock.monotonic() - confirmedAt < (options.ttlMs * 2) / 3,
  };
}
