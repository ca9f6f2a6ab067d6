import { describe, expect, test } from 'vitest';
import { findDrift } from '../../planner/drift.ts';
import { renderDrift } from '../../planner/render/drift.ts';
import { makePlan } from '../../planner/plan.ts';
import { inputOf, observationsFrom, recordedFrom, type Scenario } from './fixture.ts';

const SERVER = { size: 'small', image: 'debian-12' };
const drift = (scenario: Scenario) =>
  findDrift({ recorded: recordedFrom(scenario), observations: observationsFrom(scenario) });
const short = (scenario: Scenario) =>
  drift(scenario).entries.map(entry => `${entry.status} ${entry.address ?? '-'} ${entry.ids.join('+')}`);

describe('findDrift', () => {
  test('nothing, for what is as it was left', () => {
    const report = drift({
      things: {
        'server/a': {
          spec: { ...SERVER, userData: 'x', firewalls: ['b', 'a'] },
          seen: { firewalls: ['a', 'b'], publicIp: true },
        },
        'network/n': { spec: { ipRange: '10.0.0.0/16', labels: {} } },
      },
    });
    expect(report).toEqual({ checked: 2, unchecked: 0, entries: [] });
  });

  test('changed fields with both values, only those that were applied', () => {
    const { entries } = drift({
      things: {
        'server/a': { spec: { ...SERVER, labels: { a: 'b' } }, seen: { size: 'large', zone: 'fi-1', labels: null } },
      },
    });
    expect(entries).toMatchObject([
      {
        status: 'changed',
        address: 'server/a',
        fields: [
          { path: 'labels', recorded: { a: 'b' }, observed: null },
          { path: 'size', recorded: 'small', observed: 'large' },
        ],
        text: 'server/a: labels {a: b} -> none; size small -> large',
      },
    ]);
  });

  test('what of a service on a server is not as it was written, which no field can tell', () => {
    const things: Scenario['things'] = {
      'server/a': { spec: SERVER },
      'taskserv.redis/a': { spec: { version: '7' }, astray: ['/etc/redis/redis.conf was changed', 'redis is stopped'] },
    };
    expect(drift({ things }).entries).toMatchObject([
      {
        status: 'changed',
        address: 'taskserv.redis/a',
        fields: [{ path: '(host)', recorded: [], observed: ['/etc/redis/redis.conf was changed', 'redis is stopped'] }],
      },
    ]);
    const desired: Scenario['desired'] = {
      'server/a': { spec: SERVER },
      'taskserv.redis/a': { spec: { version: '7' } },
    };
    const plan = makePlan(inputOf({ desired, things }));
    expect(plan.changes).toMatchObject([
      {
        key: 'update taskserv.redis/a',
        fields: [{ path: '(host)', effect: 'live', drift: true, after: [] }],
        risk: 'in-place',
        inverse: { action: 'update' },
      },
    ]);
  });

  test('a service on a server that does not answer is taken to be as recorded, and that is said', () => {
    const things: Scenario['things'] = {
      'server/a': { spec: SERVER },
      'taskserv.redis/a': { spec: { version: '7' }, unseen: 'server/a does not answer' },
    };
    expect(drift({ things }).entries).toMatchObject([{ status: 'unavailable', address: 'taskserv.redis/a' }]);
    const desired: Scenario['desired'] = {
      'server/a': { spec: SERVER },
      'taskserv.redis/a': { spec: { version: '7' } },
    };
    const plan = makePlan(inputOf({ desired, things }));
    expect(plan.changes).toEqual([]);
    expect(plan.findings).toMatchObject([{ level: 'warning', id: 'PR-UNREACHED', address: 'taskserv.redis/a' }]);
  });

  test('missing, made anew, failed, unlabelled, orphan, duplicates, foreign', () => {
    expect(
      short({
        things: {
          'server/missing': { only: 'record', spec: SERVER },
          'server/anew': { only: 'record', id: 'old', spec: SERVER },
          'server/anew#x': { only: 'cloud', id: 'new', spec: SERVER },
          'server/failed': { phase: 'failed', spec: SERVER },
          'server/bare': { unlabelled: true, spec: SERVER },
          'server/orphan': { only: 'cloud', spec: SERVER },
          'server/twice': { id: 'one', spec: SERVER },
          'server/twice#x': { only: 'cloud', id: 'two', spec: SERVER },
          'server/stranger': { only: 'cloud', lineage: 'ffffffffffff', spec: SERVER },
          'server/left#old-1': { id: 'old-1', spec: SERVER },
          'server/left': { id: 'new-1', spec: SERVER },
        },
      }),
    ).toEqual([
      'foreign - id-stranger',
      'recreated server/anew new+old',
      'unlabelled server/bare id-bare',
      'failed server/failed id-failed',
      'missing server/missing id-missing',
      'orphan server/orphan id-orphan',
      'duplicate server/twice one+two',
    ]);
  });

  test('what an open intent made is no orphan', () => {
    const things = { 'server/new': { only: 'cloud', opId: 'op-9', spec: SERVER } } as const;
    expect(short({ things, intents: [{ key: 'create server/new', opId: 'op-9' }] })).toEqual([]);
    expect(short({ things })).toEqual(['orphan server/new id-new']);
  });

  test.each([
    ['unavailable', { unavailable: { demo: 'it answered 503' } }, 'demo could not be looked at: it answered 503'],
    ['not asked', { notAsked: ['demo'] }, 'demo was not asked, so nothing is known about its objects'],
    [
      'another account',
      { accounts: { demo: 'other' } },
      'demo is signed in to account other, but objects are recorded in acme',
    ],
  ])('nothing is concluded when a provider is %s', (_, how, text) => {
    const report = drift({ things: { 'server/a': { only: 'record', spec: SERVER } }, ...how });
    expect(report).toMatchObject({
      checked: 0,
      unchecked: 1,
      entries: [{ status: 'unavailable', provider: 'demo', text }],
    });
    expect(report.entries.length).toBe(1);
  });

  test('places come from the caller', () => {
    const scenario: Scenario = { things: { 'server/a': { only: 'record', spec: SERVER } } };
    const at = { file: 'infra/a.yaml', line: 3, column: 1 };
    const report = findDrift({
      recorded: recordedFrom(scenario),
      observations: observationsFrom(scenario),
      locate: () => at,
    });
    expect(report.entries[0]?.at).toEqual(at);
  });
});

test('renderDrift', () => {
  const report = drift({
    things: {
      'server/a': { spec: SERVER, seen: { size: 'large' } },
      'server/b': { only: 'record', spec: SERVER },
      'server/c': { spec: SERVER },
    },
  });
  expect(renderDrift(report, { colour: false, width: 80 })).toBe(
    [
      '! 2 differences from the record, 3 objects looked at',
      '',
      '~ changed      server/a was changed outside',
      '    ~ size  small -> large',
      '- missing      server/b is gone: demo no longer has id-b',
      '',
    ].join('\n'),
  );
  expect(renderDrift({ checked: 1_234, unchecked: 0, entries: [] }, { colour: false, width: 80 })).toBe(
    '✓ no drift in 1,234 objects\n',
  );
});
