import { describe, expect, test } from 'vitest';
import { digestOf } from '../../planner/digest.ts';
import { sameValue } from '../../planner/values.ts';
import { canonical, type Json } from '../../schemas/json.ts';
import type { FieldRule } from '../../schemas/kind.ts';

const PLAIN: FieldRule = { effect: 'live' };
const CIDR: FieldRule = { effect: 'live', normalise: 'cidr' };
const LOWER: FieldRule = { effect: 'live', normalise: 'lower-case' };
const SET: FieldRule = { effect: 'live', set: true };

const CASES: readonly (readonly [boolean, Json | undefined, Json | undefined, FieldRule])[] = [
  [true, 'a', 'a', PLAIN],
  [false, 'a', 'A', PLAIN],
  [true, 'a', 'A', LOWER],
  [false, 'I', 'ı', LOWER],
  [true, undefined, null, PLAIN],
  [true, [], null, PLAIN],
  [true, {}, undefined, PLAIN],
  [false, false, null, PLAIN],
  [false, 0, null, PLAIN],
  [false, '', null, PLAIN],
  [false, 1, '1', PLAIN],
  [true, { a: 1, b: null }, { a: 1 }, PLAIN],
  [true, [{ a: [null, 1] }], [{ a: [null, 1], c: null }], PLAIN],
  [false, [1, 2], [2, 1], PLAIN],
  [true, [1, 2], [2, 1], SET],
  [true, ['a', 'a', 'b'], ['b', 'a'], SET],
  [true, [{ x: 1, y: 2 }], [{ y: 2, x: 1 }], SET],
  [false, ['a'], ['a', 'b'], SET],
  [true, '10.1.2.3/16', '10.1.0.0/16', CIDR],
  [false, '10.1.0.0/16', '10.1.0.0/17', CIDR],
  [false, '10.1.0.0/16', '10.2.0.0/16', CIDR],
  [true, '010.001.000.000/16', '10.1.0.0/16', CIDR],
  [true, '2001:DB8::/32', '2001:db8:0:0:0:0:0:0/32', CIDR],
  [true, '::/0', '0:0:0:0:0:0:0:1/0', CIDR],
  [false, '2001:db8::/32', '2001:db9::/32', CIDR],
  [false, '10.0.0.0/8', '300.0.0.0/8', CIDR],
  [true, ['10.1.2.3/16'], ['10.1.0.0/16'], CIDR],
  [false, 'not a range', 'also not', CIDR],
  [false, '1::2::3/64', '1:2:3::/64', CIDR],
];

describe('sameValue', () => {
  test.each(CASES)('%s: %j and %j under %j', (same, a, b, rule) => {
    expect(sameValue(a, b, rule)).toBe(same);
    expect(sameValue(b, a, rule)).toBe(same);
  });
});

describe('digestOf', () => {
  test('is the digest of the canonical text, however deep, wide or empty', () => {
    const wide = Array.from({ length: 3_000 }, (_, at) => ({ at, text: 'ü🚀'.repeat(20), gone: undefined, list: [] }));
    for (const value of [
      null,
      'x',
      1,
      true,
      [],
      {},
      [[]],
      { b: [{}], a: undefined },
      { changes: wide, a: { b: { c: { d: [1, null] } } } },
    ]) {
      expect(digestOf(value)).toBe(digestOf(JSON.parse(canonical(value))));
    }
    expect(digestOf({ b: 1, a: 2 })).toBe(digestOf({ a: 2, b: 1 }));
    expect(digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    expect(digestOf([1, { a: 'x' }])).not.toBe(digestOf([1, { a: 'y' }]));
  });
});
