import { describe, expect, test } from 'vitest';
import { comparePlans } from '../../planner/compare.ts';
import type { PlanInput } from '../../planner/input.ts';
import { makePlan } from '../../planner/plan.ts';
import { inputOf, type Scenario } from './fixture.ts';

const BASE: Scenario = {
  desired: {
    'server/a': { spec: { size: 'medium', image: 'debian-12', userData: 'first secret' } },
    'server/b': { spec: { size: 'small', image: 'debian-12' } },
  },
  things: { 'server/a': { spec: { size: 'small', image: 'debian-12', userData: 'first secret' } } },
};
const with_ = (more: Scenario, input: Partial<PlanInput> = {}) =>
  makePlan({ ...inputOf({ ...BASE, ...more }), ...input });
const texts = (more: Scenario, input: Partial<PlanInput> = {}) =>
  comparePlans(with_({}), with_(more, input)).map(difference => difference.text);

describe('comparePlans', () => {
  test('equal plans do not differ', () => {
    expect(comparePlans(with_({}), with_({}))).toEqual([]);
  });

  test.each([
    ['commit', { commit: 'e'.repeat(40) }, 'the commit changed: reviewed cccccccccccc, now eeeeeeeeeeee'],
    ['tree', { tree: 'e'.repeat(40) }, 'the workspace folder changed: reviewed dddddddddddd, now eeeeeeeeeeee'],
    ['tool', { tool: '9.9.9' }, 'the version of this program changed: reviewed 0.0.0-test, now 9.9.9'],
  ])('names a changed %s', (_, input, text) => {
    expect(texts({}, input)).toEqual([text]);
  });

  test('names record and lineage', () => {
    const { recorded } = inputOf(BASE);
    expect(texts({}, { recorded: { ...recorded, tree: 'f'.repeat(40) } })).toEqual([
      'the record changed: reviewed bbbbbbbbbbbb, now ffffffffffff',
    ]);
    const other = comparePlans(
      with_({ notAsked: ['demo'] }),
      with_({ notAsked: ['demo'] }, { recorded: { ...recorded, lineage: 'ffffffffffff' } }),
    );
    expect(other.map(difference => difference.what)).toEqual(['lineage']);
  });

  test('names settings and options', () => {
    expect(texts({ settings: { limits: { parallel: 1 } } })[0]).toMatch(
      /^the settings changed: reviewed [0-9a-f]{12}, now [0-9a-f]{12}$/,
    );
    expect(texts({ options: { allowDeletes: 3 } })).toEqual([
      'the options changed: reviewed {"allowDeletes":null,"destroy":false,"excludes":[],"targets":[]}, now {"allowDeletes":3,"destroy":false,"excludes":[],"targets":[]}',
    ]);
  });

  test('names what was observed since', () => {
    const things = { 'server/a': { ...BASE.things?.['server/a'], seenOutputs: { publicIp: '1.2.3.4' } } };
    expect(texts({ things })).toEqual([
      expect.stringMatching(/^the observed objects changed/),
      'update server/a: its object was changed since the review',
    ]);
  });

  test('names changes that came, went, and differ', () => {
    const desired = {
      'server/a': { spec: { size: 'large', image: 'debian-12', userData: 'first secret' } },
      'server/c': { spec: { size: 'small', image: 'debian-12' } },
    };
    expect(texts({ desired })).toEqual([
      expect.stringMatching(/^the observed objects changed/),
      'no longer planned: create server/b',
      'new: create server/c (new in the files)',
      'update server/a: size reviewed medium, now large',
    ]);
  });

  test('never shows a hidden value', () => {
    const changed = (userData: string) =>
      with_({ desired: { 'server/a': { spec: { size: 'medium', image: 'debian-12', userData } } } });
    const text = JSON.stringify(comparePlans(changed('second secret'), changed('third secret')));
    expect(text).toContain('userData differs');
    expect(text).not.toContain('secret');
    const created = (userData: string) =>
      with_({ desired: { 'server/n': { spec: { size: 's', image: 'i', userData } } }, things: {} });
    const fresh = JSON.stringify(comparePlans(created('second secret'), created('third secret')));
    expect(fresh).toContain('userData differs');
    expect(fresh).not.toContain('secret');
  });

  test('names a changed place, finding and price', () => {
    expect(texts({ places: { 'server/a': ['infra/other.yaml', 1] } })).toEqual([
      'update server/a is written in another place, and is the same otherwise',
    ]);
    const stray = { ...BASE.things, 'volume/x': { only: 'cloud', spec: { sizeGib: 1 } } } as const;
    expect(texts({ things: stray })).toEqual([expect.stringMatching(/^found now: warning: id-x at demo/)]);
    const sizes = [
      { name: 'small', kind: 'server', zones: [], stock: null, monthly: 1 },
      { name: 'medium', kind: 'server', zones: [], stock: null, monthly: 2 },
    ];
    expect(texts({ catalogues: { demo: { sizes } } })).toEqual(['the price changed']);
  });
});
