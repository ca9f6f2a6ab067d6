import type { HttpHeaders } from '../../schemas/http.ts';
const LONGEST_WAIT_MS = 3_600_000;

/** Milliseconds until the cloud wants to hear from us again: `Retry-After` in seconds or as a date, else `RateLimit-Reset`; undefined without a hint. */
export function retryAfterMs(headers: HttpHeaders, nowMs: number): number | undefined {
  const after = headers.get('retry-after');
  const reset = headers.get('ratelimit-reset');
  const now = Date.parse(headers.get('date') ?? '') || nowMs;
  const waits = [
    after !== null && /^\d{1,9}$/.test(after) ? Number(after) * 1_000 : Date.parse(after ?? '') - now,
    reset !== null && /^\d{1,12}$/.test(reset) ? Number(reset) * 1_000 - now : Number.NaN,
  ];
  const wait = waits.find(Number.isFinite);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MS);
}
