import type { ServerClock } from './hub.ts';
import { Refusal } from './refusal.ts';

/** Which requests: all when nothing is named. The path is that of the address with its query, without `/api/v3`. */
export interface Match {
  readonly method?: string;
  readonly path?: RegExp;
}

/** A failure to come. `lost` ends the connection without an answer. */
export interface FaultAsked extends Match {
  readonly answer: number | 'lost';
  /** Whether the request does its work before it fails. */
  readonly isDone?: boolean;
  /** How many requests fail; 1 unless told otherwise. */
  readonly times?: number;
  /** Requests that still pass before the first failure. */
  readonly skip?: number;
}

/** Requests that an account has left in its hour. */
export interface LimitAsked {
  readonly remaining: number;
  readonly resetAfterSeconds?: number;
  /** Everybody unless told otherwise. */
  readonly login?: string;
  readonly status?: 403 | 429;
}

/** The limit against haste: the next requests are sent away. */
export interface ThrottleAsked extends Match {
  readonly times: number;
  /** Without it GitHub names no end. */
  readonly retryAfterSeconds?: number;
  readonly status?: 403 | 429;
}

/** What is wrong with this forge, as a test ordered it. */
export interface Trouble {
  fail(asked: FaultAsked): void;
  limit(asked: LimitAsked): void;
  throttle(asked: ThrottleAsked): void;
  /** The failure for this request, if one is due. */
  due(method: string, path: string): FaultAsked | null;
  /** Counts a request. Throws Refusal when it is one too many. */
  spend(login: string, request: { readonly method: string; readonly path: string }): void;
  /** Gives back what a request cost. */
  refund(login: string): void;
  headers(login: string): { readonly [name: string]: string };
}

const LIMIT = 5_000;
const HOUR_S = 3_600;

interface Purse {
  remaining: number;
  resetAt: number;
  status: 403 | 429;
}

export function openTrouble(clock: ServerClock): Trouble {
  const faults: { readonly fault: FaultAsked; skip: number; left: number }[] = [];
  const throttles: { readonly throttle: ThrottleAsked; left: number }[] = [];
  const purses = new Map<string, Purse>();
  const seconds = (): number => clock.now() / 1000;
  let preset: LimitAsked | null = null;

  function purseOf(login: string): Purse {
    const known = purses.get(login);
    if (known !== undefined && known.resetAt > seconds()) return known;
    // The order of a test holds for one hour only, as the limit itself does.
    const order = known === undefined ? preset : null;
    const purse = {
      remaining: order?.remaining ?? LIMIT,
      resetAt: seconds() + (order?.resetAfterSeconds ?? HOUR_S),
      status: order?.status ?? (403 as const),
    };
    purses.set(login, purse);
    return purse;
  }

  function headers(login: string): { readonly [name: string]: string } {
    const { remaining, resetAt } = purseOf(login);
    return {
      'x-ratelimit-limit': String(LIMIT),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(LIMIT - remaining),
      'x-ratelimit-reset': String(resetAt),
      'x-ratelimit-resource': 'core',
    };
  }

  return {
    headers,
    fail: fault => void faults.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 }),
    throttle: throttle => void throttles.push({ throttle, left: throttle.times }),
    limit(asked) {
      if (asked.login === undefined) {
        preset = asked;
        purses.clear();
      } else {
        const resetAt = seconds() + (asked.resetAfterSeconds ?? HOUR_S);
        purses.set(asked.login, { remaining: asked.remaining, resetAt, status: asked.status ?? 403 });
      }
    },
    due(method, path) {
      const found = faults.find(({ fault, left }) => left > 0 && fits(fault, method, path));
      if (found === undefined) return null;
      if (found.skip > 0) {
        found.skip -= 1;
        return null;
      }
      found.left -= 1;
      return found.fault;
    },
    spend(login, { method, path }) {
      const hasty = throttles.find(({ throttle, left }) => left > 0 && fits(throttle, method, path));
      if (hasty !== undefined) {
        hasty.left -= 1;
        throw tooHasty(hasty.throttle);
      }
      const purse = purseOf(login);
      if (purse.remaining <= 0)
        throw new Refusal(purse.status, 'API rate limit exceeded for user.', { headers: headers(login) });
      purse.remaining -= 1;
    },
    refund(login) {
      purseOf(login).remaining += 1;
    },
  };
}

function fits(match: Match, method: string, path: string): boolean {
  return (match.method ?? method) === method && (match.path ?? /^/).test(path);
}

function tooHasty({ status = 403, retryAfterSeconds }: ThrottleAsked): Refusal {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  if (retryAfterSeconds === undefined) return new Refusal(status, message);
  return new Refusal(status, message, { headers: { 'retry-after': String(retryAfterSeconds) } });
}
