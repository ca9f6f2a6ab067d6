import type { CallContext } from '../../schemas/provider.ts';
import type { Effect } from './actions.ts';

/** Calls at once, and calls per second after that. */
interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
}

/** What AWS allows one account in one region, by action: it tells nobody what is left, so it is counted here. */
const ACTIONS: { readonly [action: string]: Bucket } = {
  CreateTags: { burst: 100, perSecond: 10 },
  CreateVolume: { burst: 100, perSecond: 5 },
  DeleteVolume: { burst: 100, perSecond: 5 },
  RunInstances: { burst: 5, perSecond: 2 },
  StartInstances: { burst: 5, perSecond: 2 },
  TerminateInstances: { burst: 100, perSecond: 5 },
};
const EFFECTS: { readonly [effect in Effect]: Bucket } = {
  reads: { burst: 100, perSecond: 20 },
  writes: { burst: 50, perSecond: 5 },
  deletes: { burst: 50, perSecond: 5 },
};

/** Keeps within the rates of one account. */
export interface Buckets {
  /** Milliseconds to wait before this action may be sent; null when it may be, and then it is counted. */
  take(ctx: CallContext, action: string, effect: Effect): number | null;
}

export function openBuckets(): Buckets {
  const levels = new Map<string, { left: number; at: number }>();
  return {
    take(ctx, action, effect) {
      const { burst, perSecond } = ACTIONS[action] ?? EFFECTS[effect];
      const now = ctx.world.clock.monotonic();
      const level = levels.get(action) ?? { left: burst, at: now };
      levels.set(action, level);
      level.left = Math.min(burst, level.left + ((now - level.at) * perSecond) / 1_000);
      level.at = now;
      if (level.left < 1) return Math.ceil(((1 - level.left) * 1_000) / perSecond);
      level.left -= 1;
      return null;
    },
  };
}
