/** An IPv4 range without host bits; undefined when it is none. */
export function networkOf(range: string): { readonly size: number; address(nth: number): string } | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range);
  if (found === null) return undefined;
  const [base, bits] = [numberOf(range.split('/')[0] ?? ''), Number(found[5])];
  const size = 2 ** (32 - bits);
  if (bits > 32 || base % size !== 0 || found.slice(1, 5).some(part => Number(part) > 255)) return undefined;
  return { size, address: nth => textOf(base + nth) };
}

export function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function textOf(value: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function overlaps(a: string, b: string): boolean {
  const [one, two] = [a, b].map(range => {
    const start = numberOf(range.split('/')[0] ?? '');
    return { start, end: start + 2 ** (32 - Number(range.split('/')[1])) };
  });
  return one !== undefined && two !== undefined && one.start < two.end && two.start < one.end;
}
