/** An address range: version, first and last address as numbers, and the length of its prefix. */
export interface Range {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
  /** The range as it should be written: without host bits. */
  readonly text: string;
}

/** Reads `10.0.0.0/16` or `fd00::/48`; undefined when it is no range. Host bits are allowed here and missing in `text`. */
export function parseRange(text: string): Range | undefined {
  const slash = text.indexOf('/');
  const prefixText = text.slice(slash + 1);
  if (slash === -1 || !/^(?:0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const address = text.slice(0, slash);
  const version = address.includes(':') ? 6 : 4;
  const value = version === 6 ? parseV6(address) : parseV4(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = Number(prefixText);
  if (value === undefined || prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  return {
    version,
    first,
    last: first + size - 1n,
    prefix,
    text: `${version === 6 ? showV6(first) : showV4(first)}/${prefix}`,
  };
}

/** True when the address itself is the first of its range. */
export function isAligned(text: string, range: Range): boolean {
  const address = text.slice(0, text.indexOf('/'));
  return (range.version === 6 ? parseV6(address) : parseV4(address)) === range.first;
}

/** True when every address of `inner` is in `outer`. Ranges of different versions share none. */
export function contains(outer: Range, inner: Range): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last;
}

/** True when the ranges share an address. */
export function overlaps(a: Range, b: Range): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(Number.parseInt(group, 16)), 0n);
}

function showV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map(shift => String((value >> shift) & 255n)).join('.');
}

/** Groups in hexadecimal, the first longest run of two or more zeros as `::` (RFC 5952). */
function showV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 65_535n).toString(16));
  let run = { start: 0, length: 0 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > run.length) run = { start, length };
  }
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}
