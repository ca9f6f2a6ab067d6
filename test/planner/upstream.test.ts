import { describe, expect, test } from 'vitest';
import { comparePlans } from '../../planner/compare.ts';
import type { Outlook, UpstreamValues } from '../../planner/foresee.ts';
import { makePlan } from '../../planner/plan.ts';
import type { Referrer } from '../../planner/referrers.ts';
import { asksForSame } from '../../planner/upstream.ts';
import { Plan } from '../../schemas/plan.ts';
import { upstreamOf, upstreamShown, upstreamText } from '../../schemas/upstream.ts';
import { inputOf, type Scenario } from './fixture.ts';

const REF = 'net:network/main.id';
const DESIRED: Scenario = {
  desired: {
    'subnet/front': {
      spec: { network: { $ref: REF }, ipRange: '10.0.1.0/24', labels: { from: { $join: ['on ', { $ref: REF }] } } },
    },
  },
};

function planned(outlook: Outlook | null, scenario: Scenario = DESIRED): Plan {
  const upstream: UpstreamValues = new Map(outlook === null ? [] : [[REF, { workspace: 'net', outlook }]]);
  return Plan.parse(makePlan({ ...inputOf(scenario), upstream }));
}

const N1: Outlook = { fate: 'stays', value: 'n-1' };
const N2: Outlook = { fate: 'changes', before: 'n-1', value: 'n-2' };
const LATER: Outlook = { fate: 'later', why: 'network/main is created' };
const ABSENT: Outlook = { fate: 'absent', why: 'network/main is not recorded there yet' };
const GOES: Outlook = { fate: 'goes', why: 'network/main is deleted' };

describe('a reference to another workspace', () => {
  test.each([
    ['net:network/main.id', '${workspace.net.network.main.id}'],
    ['net@prod:taskserv.postgres/db.endpoint', '${workspace.net@prod.taskserv.postgres.db.endpoint}'],
  ])('%s is shown as it is written, and keeps its form', (text, shown) => {
    const ref = upstreamOf(text);
    if (ref === null) throw new Error('it names another workspace');
    expect(upstreamShown(ref)).toBe(shown);
    expect(upstreamText(ref)).toBe(text);
  });

  test('is none where it names an own resource', () => expect(upstreamOf('network/main.id')).toBeNull());

  test('is replaced by the recorded value, and pinned', () => {
    const plan = planned(N1);
    expect(plan.changes[0]?.after).toEqual({ network: 'n-1', ipRange: '10.0.1.0/24', labels: { from: 'on n-1' } });
    expect(plan.changes[0]?.requires).toEqual([]);
    expect(plan.upstream).toEqual([{ ref: REF, workspace: 'net', value: 'n-1' }]);
    expect(plan.findings).toEqual([]);
  });

  test('pins nothing in a plan without any', () => expect('upstream' in planned(null, {})).toBe(false));

  test.each([
    [
      'absent',
      ABSENT,
      'error',
      '${workspace.net.network.main.id} has no value: network/main is not recorded there yet',
      'apply net first',
    ],
    [
      'going',
      GOES,
      'error',
      '${workspace.net.network.main.id} has no value: network/main is deleted',
      'take the reference out, or keep it in net',
    ],
    ['later', LATER, 'note', '${workspace.net.network.main.id} gets its value when net is applied', undefined],
    ['not looked up', null, 'error', '${workspace.net.network.main.id} has no value: it was not looked up', undefined],
  ])('%s: a finding at its line says who comes first', (_, outlook, level, what, fix) => {
    const { findings, changes } = planned(outlook);
    expect(findings).toEqual([
      expect.objectContaining({
        level,
        what,
        address: 'subnet/front',
        at: { file: 'infra/main.yaml', line: 4, column: 3 },
      }),
    ]);
    expect(findings[0]?.fix).toBe(fix);
    expect(changes[0]?.after?.['network']).toEqual({ $ref: REF });
  });

  test('a new value is another plan, and the difference names it', () => {
    expect(comparePlans(planned(N1), planned(N2)).map(({ text }) => text)).toEqual([
      '${workspace.net.network.main.id} changed: reviewed n-1, now n-2',
      'create subnet/front: labels reviewed {from: on n-1}, now {from: on n-2}; network reviewed n-1, now n-2',
    ]);
    const settled: Scenario = {
      desired: { 'subnet/front': { spec: { network: 'n-1', ipRange: '10.0.1.0/24' } } },
      things: { 'subnet/front': { spec: { network: 'n-1', ipRange: '10.0.1.0/24' } } },
    };
    const [before, after] = [planned(N1, settled), planned(N2, settled)];
    expect(before.changesDigest).toBe(after.changesDigest);
    expect(before.digest).not.toBe(after.digest);
  });
});

describe('what was agreed to', () => {
  test.each([
    ['a value that nobody could know, and now is known', LATER, N1, true],
    ['the same value', N1, N1, true],
    ['another value than the one that was shown', N1, N2, false],
    ['a value that is still missing', LATER, LATER, true],
    ['a value that was known and is gone', N1, LATER, false],
  ])('%s', (_, reviewed, now, same) => {
    expect(asksForSame(planned(reviewed), planned(now))).toBe(same);
  });

  test('does not cover anything else that changed with it', () => {
    const more: Scenario = {
      desired: { ...DESIRED.desired, 'server/extra': { spec: { size: 'small', image: 'debian-12' } } },
    };
    expect(asksForSame(planned(LATER), planned(N1, more))).toBe(false);
  });
});

describe('taking away what others refer to', () => {
  const things = {
    'network/main': { spec: { ipRange: '10.0.0.0/16' } },
    'network/other': { spec: { ipRange: '10.1.0.0/16' } },
  };
  const deleted: Scenario = { desired: { 'network/other': things['network/other'] }, things };
  const replaced: Scenario = { desired: { ...things, 'network/main': { spec: { ipRange: '10.9.0.0/16' } } }, things };
  const forgotten: Scenario = { ...deleted, forget: ['network/main'] };
  const user: Referrer = {
    workspace: 'shop',
    by: 'subnet/front',
    address: 'network/main',
    output: 'id',
    at: { file: 'shop/infra/main.yaml', line: 3, column: 14 },
    isDesired: true,
    isRecorded: true,
    isTogether: false,
  };
  const letGo = { isDesired: false } as const;
  test.each([
    [
      'a deletion that the files of another still speak against',
      deleted,
      {},
      'error',
      'network/main would be deleted, but the files of shop refer to it',
    ],
    [
      'one that nothing real rests on',
      deleted,
      { isRecorded: false },
      'warning',
      'network/main would be deleted, but the files of shop refer to it',
    ],
    ['a replacement', replaced, {}, 'warning', 'network/main is replaced, and shop refers to it'],
    [
      'a forgotten record',
      forgotten,
      {},
      'error',
      'network/main would be forgotten, but the files of shop refer to it',
    ],
    [
      'let go in the files, but not yet applied',
      deleted,
      letGo,
      'error',
      'network/main is deleted only after shop has let go of it',
    ],
    [
      'let go in the same review',
      deleted,
      { ...letGo, isTogether: true },
      'note',
      'network/main is deleted only after shop has let go of it',
    ],
  ])('%s', (_, scenario, more, level, what) => {
    const { findings } = makePlan({ ...inputOf(scenario), referrers: [{ ...user, ...more }] });
    expect(findings.filter(({ id }) => id === 'PR-DOWNSTREAM')).toEqual([
      expect.objectContaining({ level, what, why: 'subnet/front uses id (shop/infra/main.yaml:3:14)' }),
    ]);
  });

  test('nothing is said of what stays', () => {
    const { findings } = makePlan({ ...inputOf(deleted), referrers: [{ ...user, address: 'network/other' }] });
    expect(findings.filter(({ id }) => id === 'PR-DOWNSTREAM')).toEqual([]);
  });
});
