import { array, assert, infiniteStream, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderChanges, priorities } from '../../planner/order.ts';
import { Fault } from '../../schemas/fault.ts';
import type { Change } from '../../schemas/plan.ts';
import { scaled } from '../scaled.ts';

function change(key: string, needs: readonly string[] = []): Change {
  return {
    key,
    action: 'create',
    address: `network/${key}`,
    kind: 'network',
    provider: 'demo',
    before: null,
    after: {},
    fields: [],
    needs: [...needs],
    risk: 'create',
    inverse: { action: 'delete', reversible: 'yes', loses: [] },
    why: '',
  };
}

const keys = (changes: readonly Change[]) => changes.map(one => one.key);

describe('orderChanges', () => {
  test('waves, inside a wave by key', () => {
    const list = [change('d', ['b', 'c']), change('c', ['a']), change('b'), change('a')];
    expect(keys(orderChanges(list))).toEqual(['a', 'b', 'c', 'd']);
    expect(keys(orderChanges([change('a', ['z']), change('m'), change('z')]))).toEqual(['m', 'z', 'a']);
  });

  test('by code unit, not by the rules of a language', () => {
    expect(keys(orderChanges([change('b'), change('a'), change('B'), change('ä'), change('a1')]))).toEqual([
      'B',
      'a',
      'a1',
      'b',
      'ä',
    ]);
  });

  test('what is needed but not in the list counts as done', () => {
    expect(keys(orderChanges([change('a', ['gone'])]))).toEqual(['a']);
  });

  test('a circle is a defect', () => {
    expect(() => orderChanges([change('a', ['b']), change('b', ['c']), change('c', ['a']), change('d')])).toThrow(
      Fault,
    );
  });

  test('any graph: each comes after what it needs, whatever the order of the input', () => {
    const graph = array(array(nat(30), { maxLength: 4 }), { maxLength: 30 });
    assert(
      property(graph, infiniteStream(nat(1_000)), (edges, dice) => {
        const list = edges.map((needs, index) =>
          change(
            `k${index}`,
            needs.filter(at => at < index).map(at => `k${at}`),
          ),
        );
        const ordered = orderChanges(list);
        const place = new Map(ordered.map((one, at) => [one.key, at]));
        expect(place.size).toBe(list.length);
        for (const one of ordered)
          for (const key of one.needs) expect(place.get(key)).toBeLessThan(place.get(one.key) as number);
        const shuffled = list.map(one => ({ one, at: dice.next().value })).sort((a, b) => a.at - b.at);
        expect(keys(orderChanges(shuffled.map(({ one }) => one)))).toEqual(keys(ordered));
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test('a long chain needs no stack', () => {
    const chain = Array.from({ length: scaled(15_000, 50_000) }, (_, at) =>
      change(`k${at}`, at === 0 ? [] : [`k${at - 1}`]),
    );
    const ordered = orderChanges([...chain].reverse());
    expect(keys(ordered)).toEqual(keys(chain));
    expect(priorities(chain, () => 2).get('k0')).toBe(2 * chain.length);
  });
});

describe('priorities', () => {
  test('the longest way that is left, own duration included', () => {
    const list = [change('a'), change('b', ['a']), change('c', ['a']), change('d', ['b', 'c']), change('e')];
    const duration: { [key: string]: number } = { a: 1, b: 10, c: 2, d: 5, e: 7 };
    const longest = priorities(list, one => duration[one.key] ?? 0);
    expect(Object.fromEntries(longest)).toEqual({ a: 16, b: 15, c: 7, d: 5, e: 7 });
  });
});
