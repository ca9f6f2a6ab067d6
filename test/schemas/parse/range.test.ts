import * as fc from 'fast-check';
import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { contains, isAligned, overlaps, parseRange, type Range } from '../../../schemas/parse/range.ts';

const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);
const v6 = fc
  .tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 }))
  .filter(([address]) => !address.includes('.'))
  .map(([address, prefix]) => `${address}/${prefix}`);

function read(text: string): Range {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`not a range: ${text}`);
  return range;
}

describe('address ranges', () => {
  test('are written without host bits, and then stay as they are', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), text => {
        const range = read(text);
        expect(read(range.text)).toEqual(range);
        expect(isAligned(range.text, range)).toBe(true);
        expect(isAligned(text, range)).toBe(
          read(text.replace(/\/\d+$/, range.version === 4 ? '/32' : '/128')).first === range.first,
        );
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('hold what the system says they hold', () => {
    fc.assert(
      fc.property(v4, v4, (a, b) => {
        const [outer, inner] = [read(a), read(b)];
        const list = new BlockList();
        list.addSubnet(outer.text.split('/')[0] ?? '', outer.prefix, 'ipv4');
        const first = inner.text.split('/')[0] ?? '';
        expect(contains(outer, read(`${first}/32`))).toBe(list.check(first, 'ipv4'));
        expect(overlaps(outer, inner)).toBe(contains(outer, inner) || contains(inner, outer));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test.each([
    ['10.0.0.5/16', '10.0.0.0/16'],
    ['fd00:0:0:1:0:0:0:1/64', 'fd00:0:0:1::/64'],
    ['::/0', '::/0'],
    ['::1/128', '::1/128'],
    ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'],
    ['FE80::/10', 'fe80::/10'],
  ])('%s is %s', (text, shown) => {
    expect(read(text).text).toBe(shown);
  });

  test.each([
    '10.0.0/8',
    '10.0.0.256/8',
    '010.0.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0',
    '::1::/64',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    'fe80::/129',
    'g::/8',
    '1:2:3:4:5:6:7::8/64/64',
    '/8',
  ])('%s is none', text => {
    expect(parseRange(text)).toBeUndefined();
  });
});
