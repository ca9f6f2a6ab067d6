import { invalid } from './account.ts';
import type { Call } from './client.ts';

/**
 * AWS writes ranges in its own way: `10.1.2.3/8` becomes `10.0.0.0/8`, and `FD00:0::/8` becomes `fd00::/8`. What the
 * files say in another way would look different for ever, so that it is refused with the way to write it.
 */
export function assertCanonical(call: Call, range: string): void {
  const canonical = canonicalRange(range);
  if (canonical === range) return;
  const why = canonical === null ? `${range} is no range of addresses` : `write ${canonical} instead of ${range}`;
  throw invalid(call.what, 'range_not_canonical', why);
}

/** The range as AWS shows it; null when it is none. */
export function canonicalRange(range: string): string | null {
  const [address = '', length = ''] = range.split('/');
  const isSix = address.includes(':');
  const bits = isSix ? 128 : 32;
  const parts = isSix ? groupsOf(address) : bytesOf(address);
  if (parts === null || !/^\d{1,3}$/.test(length) || Number(length) > bits) return null;
  const width = bits / parts.length;
  const kept = parts.map((part, at) => part - (part % 2 ** clamp((at + 1) * width - Number(length), width)));
  return `${isSix ? compressed(kept) : kept.join('.')}/${Number(length)}`;
}

/** How many of the last bits of a part are not in the prefix. */
function clamp(bits: number, width: number): number {
  return Math.min(Math.max(bits, 0), width);
}

function bytesOf(address: string): readonly number[] | null {
  const bytes = address.split('.').map(Number);
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) && bytes.every(byte => byte <= 255) ? bytes : null;
}

function groupsOf(address: string): readonly number[] | null {
  const whole = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : null;
  if (whole === null) return null;
  const [before = '', after] = whole.split('::').map(half => half.split(':').filter(group => group !== ''));
  const head = [...before].map(group => Number.parseInt(group, 16));
  if (after === undefined) return head;
  const tail = after.map(group => Number.parseInt(group, 16));
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function compressed(groups: readonly number[]): string {
  return new URL(`http://[${groups.map(group => group.toString(16)).join(':')}]`).hostname.slice(1, -1);
}
