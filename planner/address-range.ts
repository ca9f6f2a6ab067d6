/** An IPv4 or IPv6 range as numbers: how many bits its addresses have, and the first and the last of them. */
export interface AddressRange {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
  readonly length: number;
}

/** `10.0.0.0/16` as numbers, host bits cleared; undefined when the text is not a range. */
export function addressRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const length = Number(text.slice(slash + 1));
  const start = text.slice(0, slash);
  const words = ipv4Words(start) ?? ipv6Words(start);
  if (words === undefined) return undefined;
  const bits = words.length === 4 ? 32 : 128;
  if (length > bits) return undefined;
  const each = BigInt(bits / words.length);
  const address = words.reduce((sum, word) => (sum << each) | BigInt(word), 0n);
  const host = BigInt(bits - length);
  const first = (address >> host) << host;
  return { bits, first, last: first + (1n << host) - 1n, length };
}

/** One spelling of an address range, for comparing; undefined when it is not a range. */
export function plainRange(text: string): string | undefined {
  const range = addressRange(text);
  return range === undefined ? undefined : `${range.bits}:${range.first.toString(16)}/${range.length}`;
}

export function holds(outer: AddressRange, inner: AddressRange): boolean {
  return outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.bits === other.bits && one.first <= other.last && other.first <= one.last;
}

function ipv4Words(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function ipv6Words(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  return groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map(group => Number.parseInt(group, 16))
    : undefined;
}
