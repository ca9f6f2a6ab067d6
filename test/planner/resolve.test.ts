import { describe, expect, test } from 'vitest';
import { isUnknown, resolveSpec } from '../../planner/resolve.ts';
import type { Json } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';

const KNOWN: { readonly [ref: string]: Json } = {
  'server/a.privateIp': '10.0.0.5',
  'server/a.count': 3,
  'server/a.nothing': null,
  'network/n.tags': { b: 1, a: [true] },
};
const resolve = (spec: unknown) => resolveSpec(spec as Spec, ref => KNOWN[ref]);

describe('resolveSpec', () => {
  test('a spec without references is the same object', () => {
    const spec = { size: 'small', list: [1, { deep: null }], empty: {} };
    expect(resolve(spec).spec).toBe(spec);
    expect(resolve(spec).missing).toEqual([]);
  });

  test('references anywhere, values of any type, null included', () => {
    const { spec, missing } = resolve({
      ip: { $ref: 'server/a.privateIp' },
      list: ['x', { $ref: 'server/a.count' }],
      deep: { er: [{ value: { $ref: 'network/n.tags' } }] },
      none: { $ref: 'server/a.nothing' },
    });
    expect(spec).toEqual({
      ip: '10.0.0.5',
      list: ['x', 3],
      deep: { er: [{ value: { b: 1, a: [true] } }] },
      none: null,
    });
    expect(missing).toEqual([]);
  });

  test('texts with values inside: canonical where the value is no text', () => {
    const text = {
      $join: [
        'http://',
        { $ref: 'server/a.privateIp' },
        ':80/',
        { $ref: 'server/a.count' },
        '?',
        { $ref: 'network/n.tags' },
      ],
    };
    expect(resolve({ text }).spec).toEqual({ text: 'http://10.0.0.5:80/3?{"a":[true],"b":1}' });
    expect(resolve({ text: { $join: [] } }).spec).toEqual({ text: '' });
  });

  test('what is not known stays, with the known parts filled in, and is listed once', () => {
    const { spec, missing } = resolve({
      one: { $ref: 'server/z.id' },
      two: { $join: ['a', { $ref: 'server/a.count' }, 'b', { $ref: 'server/y.id' }, 'c', { $ref: 'server/z.id' }] },
    });
    expect(spec).toEqual({
      one: { $ref: 'server/z.id' },
      two: { $join: ['a3b', { $ref: 'server/y.id' }, 'c', { $ref: 'server/z.id' }] },
    });
    expect(missing).toEqual(['server/y.id', 'server/z.id']);
    expect(isUnknown(spec)).toBe(true);
    expect(isUnknown({ a: [{ b: 1 }] })).toBe(false);
  });

  test('the input is not changed', () => {
    const spec = { list: [{ $ref: 'server/a.count' }], map: { x: { $ref: 'server/a.count' } } };
    const copy = structuredClone(spec);
    resolve(spec);
    expect(spec).toEqual(copy);
  });
});
