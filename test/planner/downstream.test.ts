import { describe, expect, test } from 'vitest';
import { downstreamOf, type Reading, type Source } from '../../planner/downstream.ts';
import { foresee } from '../../planner/foresee.ts';
import { makePlan } from '../../planner/plan.ts';
import type { Downstream } from '../../schemas/review.ts';
import { upstreamOf, type UpstreamRef } from '../../schemas/upstream.ts';
import { inputOf, type Scenario, type Wish } from './fixture.ts';

const RANGE = '10.0.0.0/16';
const NETWORK: Wish = { spec: { ipRange: RANGE } };
const VOLUME: Wish = { spec: { sizeGib: 10 } };
const there: Scenario = {
  desired: { 'network/main': NETWORK, 'volume/data': VOLUME },
  things: { 'network/main': NETWORK, 'volume/data': VOLUME },
};

function sourceOf(scenario: Scenario): Source {
  const input = inputOf(scenario);
  return { recorded: input.recorded, plan: makePlan(input) };
}

function refTo(text: string): UpstreamRef {
  const ref = upstreamOf(`net:${text}`);
  if (ref === null) throw new Error(text);
  return ref;
}

const network = (wish: Wish | undefined): Scenario => ({
  ...there,
  desired: { ...(wish === undefined ? {} : { 'network/main': wish }), 'volume/data': VOLUME },
});

/** A plan of the other workspace, what is read there, what becomes of it, and what that means for the reader. */
const CASES: readonly [string, Scenario, string, ReturnType<typeof foresee>['fate'], string, string][] = [
  ['nothing is planned', there, 'network/main.id', 'stays', 'unaffected', 'stays id-main'],
  [
    'a label changes',
    network({ spec: { ipRange: RANGE, labels: { a: 'b' } } }),
    'network/main.id',
    'stays',
    'unaffected',
    'stays id-main',
  ],
  [
    'it is replaced: its range is known',
    network({ spec: { ipRange: '10.9.0.0/16' } }),
    'network/main.ipRange',
    'changes',
    'certain',
    '10.0.0.0/16 becomes 10.9.0.0/16',
  ],
  [
    'it is replaced: its id is not',
    network({ spec: { ipRange: '10.9.0.0/16' } }),
    'network/main.id',
    'later',
    'possible',
    'known after apply: network/main is replaced',
  ],
  [
    'it is deleted',
    network(undefined),
    'network/main.id',
    'goes',
    'certain',
    'has no value any more: network/main is deleted',
  ],
  [
    'it is forgotten',
    { ...network(undefined), forget: ['network/main'] },
    'network/main.id',
    'goes',
    'certain',
    'has no value any more: network/main is forgotten',
  ],
  [
    'it is created: its range is known',
    { desired: { 'network/main': NETWORK } },
    'network/main.ipRange',
    'changes',
    'certain',
    'none becomes 10.0.0.0/16',
  ],
  [
    'it is created: its id is not',
    { desired: { 'network/main': NETWORK } },
    'network/main.id',
    'later',
    'possible',
    'known after apply: network/main is created',
  ],
  [
    'it is neither there nor planned',
    {},
    'network/main.id',
    'absent',
    'unaffected',
    'has no value, before or after: network/main is not recorded there yet',
  ],
  [
    'a volatile output of what is updated',
    { ...there, desired: { ...there.desired, 'volume/data': { spec: { sizeGib: 20 } } } },
    'volume/data.device',
    'later',
    'possible',
    'known after apply: volume/data is updated',
  ],
  [
    'a stable output of what is updated',
    { ...there, desired: { ...there.desired, 'volume/data': { spec: { sizeGib: 20 } } } },
    'volume/data.id',
    'stays',
    'unaffected',
    'stays id-data',
  ],
  [
    'only its protection is switched',
    { ...there, desired: { ...there.desired, 'volume/data': { ...VOLUME, protect: true } } },
    'volume/data.device',
    'stays',
    'unaffected',
    'stays device-of-id-data',
  ],
  [
    'it was deleted outside and is made again',
    { ...there, things: { ...there.things, 'network/main': { ...NETWORK, only: 'record' } } },
    'network/main.id',
    'later',
    'possible',
    'known after apply: network/main is created',
  ],
  [
    'it moves to the address that is read',
    {
      ...there,
      desired: { 'network/new': NETWORK, 'volume/data': VOLUME },
      moved: [{ from: 'network/main', to: 'network/new' }],
    },
    'network/new.id',
    'stays',
    'unaffected',
    'stays id-main',
  ],
  [
    'its creation did not finish',
    {
      desired: { 'network/main': NETWORK },
      things: { 'network/main': { ...NETWORK, tainted: true } },
      notAsked: ['demo'],
    },
    'network/main.ipRange',
    'changes',
    'certain',
    'none becomes 10.0.0.0/16',
  ],
];

describe('what a plan does to a workspace that reads an output', () => {
  test.each(CASES)('%s', (_, scenario, read, fate, effect, text) => {
    const source = sourceOf(scenario);
    expect(foresee(source, refTo(read)).fate).toBe(fate);
    const reading: Reading = { upstream: 'net', to: refTo(read), by: 'subnet/front' };
    const found = downstreamOf('shop', [reading], { sources: new Map([['net', source]]), reached: new Map() });
    expect(found?.effect).toBe(effect);
    expect(found?.uses[0]?.text).toBe(text);
  });

  test('the reference that is hit most decides, and every one is listed', () => {
    const source = sourceOf(network({ spec: { ipRange: '10.9.0.0/16' } }));
    const readings = ['volume/data.id', 'network/main.id', 'network/main.ipRange'].map(text => ({
      upstream: 'net',
      to: refTo(text),
      by: 'subnet/front',
    }));
    const known = { sources: new Map([['net', source]]), reached: new Map() };
    expect(downstreamOf('shop', readings, known)?.effect).toBe('certain');
    expect(downstreamOf('shop', readings.slice(0, 2), known)?.effect).toBe('possible');
    expect(downstreamOf('shop', readings, known)?.uses.map(use => use.effect)).toEqual([
      'unaffected',
      'possible',
      'certain',
    ]);
  });

  test('whoever reads none of the planned ones is not downstream', () => {
    const reading: Reading = { upstream: 'other', to: refTo('network/main.id'), by: 'subnet/front' };
    expect(
      downstreamOf('shop', [reading], { sources: new Map([['net', sourceOf(there)]]), reached: new Map() }),
    ).toBeNull();
  });

  test.each([
    ['certain', 'possible'],
    ['possible', 'possible'],
    ['unaffected', 'unaffected'],
  ] as const)('behind one without a plan of its own that is %s it is %s', (effect, expected) => {
    const middle: Downstream = { workspace: 'shop', effect, uses: [] };
    const reading: Reading = { upstream: 'shop', to: refTo('network/main.id'), by: 'server/web' };
    const found = downstreamOf('blog', [reading], { sources: new Map(), reached: new Map([['shop', middle]]) });
    expect(found?.effect).toBe(expected);
  });

  test('of a workspace that cannot be planned nobody knows', () => {
    const reading: Reading = { upstream: 'net', to: refTo('network/main.id'), by: 'server/web' };
    const source: Source = { recorded: inputOf(there).recorded, plan: null };
    expect(downstreamOf('shop', [reading], { sources: new Map([['net', source]]), reached: new Map() })?.effect).toBe(
      'possible',
    );
  });
});
