import type { ProviderError, ProviderErrorClass } from '../schemas/provider.ts';

/** What follows a failed call. `look`: the result is unknown, so nothing is sent again before a look-up. */
export type Advice =
  | { readonly next: 'fail' }
  | { readonly next: 'look'; readonly afterMs: number }
  | { readonly next: 'again'; readonly afterMs: number }
  /** The whole provider pauses; the attempt does not count as failed. */
  | { readonly next: 'pause' };

interface Rule {
  readonly attempts: number;
  readonly firstMs: number;
  readonly mostMs: number;
}

/** How often each class of error is tried again, and how far apart. What is not listed is not tried again. */
const RULES: { readonly [errorClass in ProviderErrorClass]?: Rule } = {
  conflict: { attempts: 8, firstMs: 1_000, mostMs: 60_000 },
  locked: { attempts: 120, firstMs: 1_000, mostMs: 5_000 },
  state: { attempts: 3, firstMs: 1_000, mostMs: 10_000 },
  dependency: { attempts: 90, firstMs: 1_000, mostMs: 10_000 },
  transient: { attempts: 5, firstMs: 500, mostMs: 30_000 },
};

/** Classes after which the object may or may not have changed. */
const UNKNOWN: readonly ProviderErrorClass[] = ['unknown-outcome', 'timeout', 'already-exists'];

/** No wait is shorter, whatever a provider says: a loop without a wait is no retry. */
const LEAST_MS = 100;

/** Pause in milliseconds of a provider that was asked too often and did not say for how long. */
const PAUSE_MS = 2_000;

/** Wait in milliseconds before the first look at what became of a call, and its limit: the call may still be on its way. */
const LOOK_MS = 50;
const LOOK_MOST_MS = 5_000;

/** Pause in milliseconds after a look-up that failed, and its limit. */
const BLIND_MS = 500;
const BLIND_MOST_MS = 15_000;

/**
 * What to do after a failed call. `attempt` counts from 1; `jitter` is between 0 and 1. A dependency is only waited
 * for when something is deleted: on a create it means that what is needed does not exist.
 */
export function advise(
  error: ProviderError,
  call: { readonly action: string; readonly attempt: number; readonly jitter: number },
): Advice {
  if (error.class === 'rate-limited') return { next: 'pause' };
  if (UNKNOWN.includes(error.class)) return { next: 'look', afterMs: doubled(LOOK_MS, call.attempt, LOOK_MOST_MS) };
  if (error.class === 'dependency' && call.action !== 'delete') return { next: 'fail' };
  const rule = RULES[error.class];
  if (rule === undefined || call.attempt >= rule.attempts) return { next: 'fail' };
  const ownMs = spread(doubled(rule.firstMs, call.attempt, rule.mostMs), call.jitter);
  return { next: 'again', afterMs: hinted(error, ownMs) };
}

/** How long in milliseconds a provider is left alone that was asked too often. */
export function pauseMs(error: ProviderError, jitter: number): number {
  return hinted(error, spread(PAUSE_MS, jitter));
}

/** How long after the nth look-up in a row that failed the next one is made. */
export function blindMs(error: ProviderError, count: number): number {
  return hinted(error, doubled(BLIND_MS, count, BLIND_MOST_MS));
}

/** What the provider asks for, else our own time. */
function hinted(error: ProviderError, ownMs: number): number {
  return Math.max(LEAST_MS, error.retryAfterMs ?? ownMs);
}

function doubled(firstMs: number, attempt: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 12));
}

/** Between three quarters and five quarters, so that many waiters do not come back together. */
function spread(ms: number, jitter: number): number {
  return Math.round(ms * (0.75 + jitter / 2));
}
