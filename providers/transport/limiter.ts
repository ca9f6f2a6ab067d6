import type { HttpHeaders } from '../../schemas/http.ts';
import type { CallContext, ProviderFault } from '../../schemas/provider.ts';

/** Keeps within the rate that one account allows, by what its answers say. One for each account. */
export interface Limiter {
  /** Before a request: passes, or throws `rate-limited` with the time to wait. */
  enter(ctx: CallContext): void;
  /** After an answer: what the cloud says is left. */
  heard(ctx: CallContext, headers: HttpHeaders): void;
}

/** Share of the cloud's limit that is left to the other tools of its owner. */
const RESERVE = 0.1;

/**
 * Follows `RateLimit-Limit`, `-Remaining` and `-Reset` (the time in seconds since 1970 at which the bucket is full
 * again). What is left is counted down between answers and fills up as the headers say.
 */
export function openLimiter(refused: (retryAfterMs: number) => ProviderFault): Limiter {
  let known: { readonly limit: number; readonly perMs: number; left: number; at: number } | null = null;
  return {
    enter(ctx) {
      if (known === null) return;
      const now = ctx.world.clock.monotonic();
      known.left = Math.min(known.limit, known.left + (now - known.at) * known.perMs);
      known.at = now;
      const spare = known.left - known.limit * RESERVE;
      if (spare < 1) throw refused(Math.ceil((1 - spare) / known.perMs));
      known.left -= 1;
    },
    heard(ctx, headers) {
      const [limit, left, reset] = ['limit', 'remaining', 'reset'].map(name => count(headers.get(`ratelimit-${name}`)));
      if (limit === undefined || left === undefined || reset === undefined || limit === 0) return;
      const fullInMs = reset * 1_000 - (Date.parse(headers.get('date') ?? '') || ctx.world.clock.now());
      const missing = limit - left;
      // Without a usable time the bucket counts as one that fills in an hour.
      const perMs = missing > 0 && fullInMs > 0 ? missing / fullInMs : limit / 3_600_000;
      known = { limit, perMs, left, at: ctx.world.clock.monotonic() };
    },
  };
}

function count(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
