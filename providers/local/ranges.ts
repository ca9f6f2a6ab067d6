import { isIPv4 } from 'node:net';

interface Range {
  readonly first: number;
  readonly bits: number;
}

function rangeOf(text: string): Range | undefined {
  const [address = '', bits = ''] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits)) return undefined;
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first, bits: Number(bits) };
}

/** Whether a range lies in another one and has room for servers. */
export function isWithin(inner: string, outer: string): boolean {
  const a = rangeOf(inner);
  const b = rangeOf(outer);
  if (a === undefined || b === undefined || a.bits > 28) return false;
  return a.bits >= b.bits && a.first >= b.first && a.first + 2 ** (32 - a.bits) <= b.first + 2 ** (32 - b.bits);
}

/** The address `at` places after the first one of a range; undefined when it is not in it. */
function addressAt(range: string, at: number): string | undefined {
  const found = rangeOf(range);
  if (found === undefined || at >= 2 ** (32 - found.bits) - 1) return undefined;
  const number = found.first + at;
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Addresses at the start of a range that are left to gateways and to what people put there by hand. */
const KEPT = 10;

/** The first address of a range that nobody has; undefined when it is used up. */
export function freeAddress(range: string, isTaken: (address: string) => boolean): string | undefined {
  for (let at = KEPT; ; at += 1) {
    const address = addressAt(range, at);
    if (address === undefined || !isTaken(address)) return address;
  }
}

/** Whether two ranges have addresses in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (a === undefined || b === undefined) return false;
  return a.first < b.first + 2 ** (32 - b.bits) && b.first < a.first + 2 ** (32 - a.bits);
}
