import { isIP } from 'node:net';

/** First and last address of a range in CIDR notation, as UpCloud writes ranges in rules. */
export function boundsOf(range: string): { readonly first: string; readonly last: string } {
  const [address = '', bits] = range.split('/');
  const isSix = isIP(address) === 6;
  const width = isSix ? 128n : 32n;
  const host = width - BigInt(bits ?? width);
  const value = isSix ? sixToNumber(address) : fourToNumber(address);
  const first = (value >> host) << host;
  const last = first | ((1n << host) - 1n);
  const write = isSix ? numberToSix : numberToFour;
  return { first: write(first), last: write(last) };
}

/** An address in one spelling, whatever its own; anything else as it is. */
export function plainAddress(text: string): string {
  return isIP(text) === 6 && !text.includes('.') ? numberToSix(sixToNumber(text)) : text;
}

/** Whether an IPv4 address is in a range. */
export function isWithin(address: string, range: string): boolean {
  if (isIP(address) !== 4 || isIP(range.split('/')[0] ?? '') !== 4) return false;
  const { first, last } = boundsOf(range);
  const value = fourToNumber(address);
  return value >= fourToNumber(first) && value <= fourToNumber(last);
}

function fourToNumber(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function numberToFour(value: bigint): string {
  return [24n, 16n, 8n, 0n].map(shift => String((value >> shift) & 255n)).join('.');
}

function sixToNumber(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter(group => group !== '');
  const left = groups(head);
  const right = groups(tail ?? '');
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** Eight groups without zeros in front; the shortest form would need more than it is worth. */
function numberToSix(value: bigint): string {
  return Array.from({ length: 8 }, (_, at) => ((value >> BigInt(16 * (7 - at))) & 65_535n).toString(16)).join(':');
}
