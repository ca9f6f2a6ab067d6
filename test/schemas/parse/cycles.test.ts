import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cycles } from '../../../schemas/parse/cycles.ts';

function graph(edges: { readonly [from: string]: readonly string[] }): Map<string, readonly string[]> {
  return new Map(Object.entries(edges));
}

describe('cycles', () => {
  test.each<[string, { [from: string]: string[] }, string[][]]>([
    ['none', { a: ['b'], b: ['c'], c: [] }, []],
    ['one, from its smallest', { c: ['a'], b: ['c'], a: ['b'] }, [['a', 'b', 'c']]],
    ['not what leads to it', { a: ['b'], b: ['c'], c: ['b'] }, [['b', 'c']]],
    ['not what hangs on it', { a: ['b'], b: ['a', 'd'], d: [] }, [['a', 'b']]],
    ['itself', { a: ['a'] }, [['a']]],
    [
      'two apart',
      { a: ['b'], b: ['a'], x: ['y'], y: ['x'] },
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
    ],
    ['unknown targets do not count', { a: ['gone'] }, []],
  ])('%s', (_, edges, expected) => {
    expect(cycles(graph(edges))).toEqual(expected);
  });

  test('are found exactly where no order exists, and each is one', () => {
    const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 20 });
    fc.assert(
      fc.property(edges, pairs => {
        const needs = new Map<string, string[]>(
          Array.from(
            { length: 10 },
            (_, node) => [`n${node}`, pairs.filter(([from]) => from === node).map(([, to]) => `n${to}`)] as const,
          ),
        );
        const found = cycles(needs);
        for (const cycle of found) {
          cycle.forEach((node, index) => expect(needs.get(node)).toContain(cycle[(index + 1) % cycle.length]));
          expect(new Set(cycle).size).toBe(cycle.length);
        }
        expect(found.length > 0).toBe(!canBeOrdered(needs));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('a ring of 50,000 is found in linear time and without recursion', () => {
    const size = 50_000;
    const needs = new Map<string, string[]>(
      Array.from({ length: size }, (_, node) => [`n${node}`, [`n${(node + 1) % size}`]] as const),
    );
    const start = process.cpuUsage();
    const found = cycles(needs);
    const used = process.cpuUsage(start);
    expect(found.map(cycle => cycle.length)).toEqual([size]);
    expect((used.user + used.system) / 1_000).toBeLessThan(1_500);
  });
});

/** Takes away what needs nothing that is left, again and again. */
function canBeOrdered(needs: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Map(needs);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [node, targets] of left) {
      if (targets.some(target => left.has(target))) continue;
      left.delete(node);
      changed = true;
    }
  }
  return left.size === 0;
}
