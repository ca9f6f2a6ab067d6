import { Refusal } from './model.ts';

/** An IPv4 range as numbers: first address, and how many there are. */
export interface Range {
  readonly first: number;
  readonly size: number;
}

export function rangeOf(cidr: string, code: string): Range {
  const [, address = '', length = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some(byte => byte > 255) || Number(length) > 32) throw new Refusal(code);
  const size = 2 ** (32 - Number(length));
  const at = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return { first: at - (at % size), size };
}

/** The range without the part that its length says does not count, as AWS shows it; of IPv6 only the writing. */
export function canonical(cidr: string): string {
  if (cidr.includes(':')) {
    const [address = '', length = ''] = cidr.split('/');
    if (!URL.canParse(`http://[${address}]`)) throw new Refusal('InvalidParameterValue');
    return `${new URL(`http://[${address}]`).hostname.slice(1, -1)}/${length}`;
  }
  const { first } = rangeOf(cidr, 'InvalidParameterValue');
  return `${addressAt(first)}/${cidr.split('/')[1]}`;
}

export function addressAt(number: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.');
}

export function isInside(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}
