/** A public address of the range that is reserved for benchmarks (198.18.0.0/15) or documentation (2001:db8::/32). */
export function address(seq: number, version6: boolean): string {
  if (version6) return `2001:db8::${seq.toString(16)}`;
  return numberToIp(ipToNumber('198.18.0.0') + (seq % 131_072));
}

/** The nth host of an IPv4 range, counted round within it; for IPv6 the number is put at the end. */
export function hostOf(range: string, nth: number): string {
  const [start = '', bits = '32'] = range.split('/');
  if (start.includes(':')) return `${start.replace(/::.*$/, '')}::${nth.toString(16)}`;
  const hosts = 2 ** (32 - Number(bits));
  return numberToIp(ipToNumber(start) + (hosts > 2 ? 1 + ((nth - 1) % (hosts - 2)) : 0));
}

/** First and last address of an IPv4 range; null for IPv6 and for what is no range. */
export function boundsOf(range: string): { readonly first: number; readonly last: number } | null {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(range);
  if (match === null || Number(match[2]) > 32) return null;
  const size = 2 ** (32 - Number(match[2]));
  const first = Math.floor(ipToNumber(match[1] ?? '') / size) * size;
  return { first, last: first + size - 1 };
}

function ipToNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function numberToIp(value: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}
