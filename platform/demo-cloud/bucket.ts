import type { CloudReply } from './model.ts';
import { errorReply } from './replies.ts';
import type { Settings } from './settings.ts';

/** A token bucket for all requests. */
export interface Bucket {
  /** Null when the request may pass, else the answer that says when to come back. */
  take(limit: Settings['rateLimit'], nowMs: number): CloudReply | null;
}

export function openBucket(): Bucket {
  let level = Number.POSITIVE_INFINITY;
  let filledAt = 0;
  return {
    take(limit, nowMs) {
      if (limit === null) return null;
      level = Math.min(limit.burst, level + ((nowMs - filledAt) / 1_000) * limit.perSecond);
      filledAt = nowMs;
      if (level >= 1) {
        level -= 1;
        return null;
      }
      const waitMs = ((1 - level) / limit.perSecond) * 1_000;
      const headers = {
        'ratelimit-limit': String(limit.burst),
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(Math.ceil((nowMs + waitMs) / 1_000)),
      };
      return errorReply(429, { code: 'rate_limit_exceeded', message: 'too many requests' }, headers);
    },
  };
}
