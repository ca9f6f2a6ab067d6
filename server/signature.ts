import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether one of the secrets made this signature of the raw bytes. Takes as long for a wrong one as for a right one. */
export function isSigned(body: Uint8Array, given: string | undefined, secrets: readonly string[]): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(given ?? '')?.[1];
  const claimed = hex === undefined ? Buffer.alloc(32) : Buffer.from(hex, 'hex');
  let isOurs = false;
  // All secrets are tried, so that the time does not tell which one it was.
  for (const secret of secrets) {
    const own = createHmac('sha256', secret).update(body).digest();
    if (timingSafeEqual(own, claimed) && hex !== undefined) isOurs = true;
  }
  return isOurs;
}
