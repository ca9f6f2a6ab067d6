import type { ProviderError, ProviderErrorClass } from '../schemas/provider.ts';

/** What follows a failed call. `look`: the result is unknown, so nothing is sent again before a look-up. */
export type Advice =
  | { readonly next: 'fail' }
  | { readonly next: 'look' }
  | { readonly next: 'again'; readonly afterMs: number }
  /** The whole provider pauses; the attempt does not count as failed. */
  | { readonly next: 'pause'; readonly afterMs: number };

interface Rule {
  readonly attempts: number;
  readonly firstMs: number;
  readonly mostMs: number;
}

/** No pause is shorter, whatever a provider says: a loop without a pause is no retry. */
const LEAST_MS = 100;

/** How often each class of error is tried again, and how far apart. What is not listed is not tried again. */
const RULES: { readonly [errorClass in ProviderErrorClass]?: Rule } = {
  conflict: { attempts: 8, firstMs: 1_000, mostMs: 60_000 },
  locked: { attempts: 120, firstMs: 1_000, mostMs: 5_000 },
  state: { attempts: 3, firstMs: 1_000, mostMs: 10_000 },
  dependency: { attempts: 100, firstMs: 1_000, mostMs: 10_000 },
  transient: { attempts: 5, firstMs: 500, mostMs: 30_000 },
};

/** Classes after which the object may or may not have changed. */
const UNKNOWN: readonly ProviderErrorClass[] = ['unknown-outcome', 'timeout', 'already-exists'];

/**
 * What to do after a failed call. `attempt` counts from 1; `jitter` is between 0 and 1. A dependency is only waited
 * for when something is deleted: on a create it means that what is needed does not exist.
 */
export function advise(
  error: ProviderError,
  call: { readonly action: string; readonly attempt: number; readonly jitter: number },
): Advice {
  if (error.class === 'rate-limited')
    return { next: 'pause', afterMs: Math.max(LEAST_MS, error.retryAfterMs ?? spread(2_000, call.jitter)) };
  if (UNKNOWN.includes(error.class)) return { next: 'look' };
  if (error.class === 'dependency' && call.action !== 'delete') return { next: 'fail' };
  const rule = RULES[error.class];
  if (rule === undefined || call.attempt >= rule.attempts) return { next: 'fail' };
  const doubled = rule.firstMs * 2 ** Math.min(call.attempt - 1, 12);
  return {
    next: 'again',
    afterMs: Math.max(LEAST_MS, error.retryAfterMs ?? spread(Math.min(rule.mostMs, doubled), call.jitter)),
  };
}

/** Between three quarters and five quarters, so that many waiters do not come back together. */
function spread(ms: number, jitter: number): number {
  return Math.round(ms * (0.75 + jitter / 2));
}
