import type { HttpHeaders } from '../../schemas/http.ts';
/** Difference in milliseconds from which a wrong clock is worth saying: signatures and tokens fail from a few minutes on. */
const WORTH_SAYING_MS = 60_000;

/**
 * A sentence for a refused credential when this machine's clock and the cloud's differ, because then the clock is the
 * likelier reason; undefined when they agree or the cloud does not say.
 */
export function clockSkew(headers: HttpHeaders, nowMs: number): string | undefined {
  const theirs = Date.parse(headers.get('date') ?? '');
  if (!Number.isFinite(theirs) || Math.abs(nowMs - theirs) < WORTH_SAYING_MS) return undefined;
  const seconds = Math.round(Math.abs(nowMs - theirs) / 1_000);
  return `the clock of this machine is ${seconds} s ${nowMs < theirs ? 'behind' : 'ahead of'} the cloud's: set it, then try again`;
}
