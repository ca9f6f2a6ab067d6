import { describe, expect, test } from 'vitest';
import { makePlan } from '../../planner/plan.ts';
import { makeRollback } from '../../planner/rollback.ts';
import { canonical } from '../../schemas/json.ts';
import { Plan } from '../../schemas/plan.ts';
import { carryOut, type Realm } from './carry-out.ts';
import { capabilityFrom, inputOf, type Scenario } from './fixture.ts';

interface Taken {
  readonly plan: Plan;
  readonly half: Realm;
  readonly rollback: Plan;
  readonly back: Realm;
}

/** Runs the plan of a scenario up to a change (all of it unless told), takes it back, and carries that out too. */
function takeBack(scenario: Scenario, until?: string): Taken {
  const input = inputOf({ ...scenario, options: { allowDeletes: 0, ...scenario.options } });
  const plan = makePlan(input);
  const end = until === undefined ? plan.changes.length : plan.changes.findIndex(change => change.key === until) + 1;
  expect(until === undefined || end > 0, `there is no ${until ?? ''}`).toBe(true);
  const part = { ...plan, changes: plan.changes.slice(0, end) };
  const ran = carryOut(part, input, { run: 'run-2', whole: plan });
  const run = {
    id: 'run-2',
    purpose: 'apply',
    plan: plan.digest,
    commit: plan.commit,
    changes: plan.changes.length,
    startedAt: 0,
    approvedBy: null,
    rollbackOf: null,
    failed: {},
    endedAt: null,
    outcome: 'failed',
  } as const;
  const half: Realm = { ...ran, recorded: { ...ran.recorded, run } };
  const rollback = makeRollback({
    ...half,
    plan,
    capability: capabilityFrom(scenario),
    catalogues: {},
    tool: 't',
    commit: plan.commit,
    tree: plan.tree,
  });
  expect(Plan.parse(rollback)).toEqual(rollback);
  expect(rollback.purpose).toBe('rollback');
  return { plan, half, rollback, back: carryOut(rollback, half, { run: 'run-3' }) };
}

const keys = (plan: Plan) => plan.changes.map(change => change.key);
const found = (plan: Plan) => plan.findings.map(finding => `${finding.level} ${finding.id}: ${finding.what}`);
const SERVER = { size: 'small', image: 'debian-12' };

describe('makeRollback', () => {
  test('nothing ran, nothing to take back', () => {
    const input = inputOf({ desired: { 'server/a': { spec: SERVER } } });
    const plan = makePlan(input);
    const rollback = makeRollback({ ...input, plan, tool: 't' });
    expect(rollback.changes).toEqual([]);
    expect(rollback.findings).toEqual([]);
  });

  test('what was created goes again, in reverse order; what was not created is not touched', () => {
    const { rollback, back } = takeBack(
      {
        desired: {
          'network/n': { spec: { ipRange: '10.0.0.0/16' } },
          'server/a': { spec: SERVER, needs: ['network/n'] },
          'volume/v': { spec: { sizeGib: 1, server: { $ref: 'server/a.id' } } },
        },
      },
      'create server/a',
    );
    expect(keys(rollback)).toEqual(['delete server/a', 'delete network/n']);
    expect(rollback.changes[0]?.why).toBe('run run-2 created it');
    expect(back.recorded.objects.size).toBe(0);
  });

  test('a former value is set back, also one that had drifted', () => {
    const { rollback, back } = takeBack({
      desired: { 'server/a': { spec: { size: 'large', image: 'debian-12', labels: { a: 'b' } } } },
      things: { 'server/a': { spec: SERVER, seen: { size: 'medium' } } },
    });
    expect(rollback.changes).toMatchObject([
      {
        key: 'update server/a',
        fields: [
          { path: 'labels', before: { a: 'b' }, after: null },
          { path: 'size', before: 'large', after: 'medium' },
        ],
      },
    ]);
    expect(back.recorded.objects.get('server/a')?.spec).toEqual({ size: 'medium', image: 'debian-12' });
  });

  test('protection is set back', () => {
    const { rollback, back } = takeBack({
      desired: { 'server/a': { spec: SERVER, protect: true } },
      things: { 'server/a': { spec: SERVER } },
    });
    expect(keys(rollback)).toEqual(['update server/a']);
    expect(back.recorded.objects.get('server/a')?.protect).toBe(false);
  });

  test('a rename is taken back', () => {
    const { rollback, back } = takeBack({
      desired: { 'server/b': { spec: SERVER } },
      things: { 'server/a': { spec: SERVER } },
      moved: [{ from: 'server/a', to: 'server/b' }],
    });
    expect(rollback.changes).toMatchObject([{ key: 'update server/a', movedFrom: 'server/b' }]);
    expect([...back.recorded.objects.keys()]).toEqual(['server/a']);
  });

  test('adopted is let go, forgotten is taken over', () => {
    const { rollback, back } = takeBack({
      desired: { 'server/new': { spec: SERVER, adopt: 'srv-7' } },
      things: { 'server/old': { spec: SERVER } },
      forget: ['server/old'],
    });
    expect(keys(rollback)).toEqual(['adopt server/old', 'forget server/new']);
    expect([...back.recorded.objects.keys()]).toEqual(['server/old']);
    expect(back.recorded.objects.get('server/old')?.id).toBe('id-old');
  });

  test('deleted comes back as a new object, and what named it names the new one', () => {
    const { rollback, back } = takeBack({
      things: {
        'subnet/s': { spec: { network: 'net', ipRange: '10.0.1.0/24' } },
        'server/a': { spec: { ...SERVER, subnet: 'id-s' }, needs: ['subnet/s'] },
        'load-balancer/l': {
          spec: { services: [], targets: ['id-a'], labels: { note: 'at privateIp-of-id-a:80' } },
          needs: ['server/a'],
        },
      },
      options: { allowDeletes: 3 },
    });
    expect(keys(rollback)).toEqual(['create subnet/s', 'create server/a', 'create load-balancer/l']);
    const [subnet, server, balancer] = ['subnet/s', 'server/a', 'load-balancer/l'].map(key =>
      back.recorded.objects.get(key),
    );
    expect(server?.spec['subnet']).toBe(subnet?.id);
    expect(balancer?.spec).toEqual({
      services: [],
      targets: [server?.id],
      labels: { note: `at privateIp-of-${server?.id}:80` },
    });
    expect(balancer?.needs).toEqual(['server/a']);
  });

  test('a short id is followed where the field holds ids, and nowhere else', () => {
    const { rollback, back } = takeBack({
      desired: { 'floating-ip/f': { spec: { labels: { note: '7' } } } },
      things: {
        'server/a': { id: '7', spec: SERVER },
        'floating-ip/f': { spec: { server: '7', labels: { note: '7' } }, needs: ['server/a'] },
      },
    });
    expect(keys(rollback)).toEqual(['create server/a', 'update floating-ip/f']);
    const server = back.recorded.objects.get('server/a')?.id;
    expect(back.recorded.objects.get('floating-ip/f')?.spec).toEqual({ server, labels: { note: '7' } });
  });

  describe('a replacement, new one first', () => {
    const scenario: Scenario = {
      desired: {
        'server/a': { spec: { size: 'small', image: 'debian-13', userData: 'hello' } },
        'volume/v': { spec: { sizeGib: 1, server: { $ref: 'server/a.id' } } },
      },
      things: {
        'server/a': { id: 'srv-old', spec: { ...SERVER, userData: 'hello' } },
        'volume/v': { spec: { sizeGib: 1, server: 'srv-old' }, needs: ['server/a'] },
      },
    };

    test('stopped before the old one went: the old one is used again', () => {
      for (const until of ['create server/a', 'update volume/v']) {
        const { rollback, back } = takeBack(scenario, until);
        expect(keys(rollback).slice(-2)).toEqual(['delete server/a', 'update server/a']);
        expect(rollback.changes.at(-1)).toMatchObject({ id: 'srv-old', movedFrom: 'server/a#srv-old', fields: [] });
        expect([...back.recorded.objects.keys()].sort()).toEqual(['server/a', 'volume/v']);
        expect(back.recorded.objects.get('server/a')?.id).toBe('srv-old');
        expect(back.recorded.objects.get('volume/v')?.spec['server']).toBe('srv-old');
      }
    });

    test('finished: an object like the old one is made, with the value that only a digest was recorded of', () => {
      const { rollback, back } = takeBack(scenario);
      expect(keys(rollback)).toEqual(['create server/a', 'update volume/v', 'delete server/a']);
      expect(rollback.changes[0]?.after).toMatchObject({ image: 'debian-12', userData: 'hello' });
      expect(rollback.findings).toEqual([]);
      expect(back.recorded.objects.get('volume/v')?.spec['server']).toBe(back.recorded.objects.get('server/a')?.id);
    });
  });

  test('a replacement, old one first, that failed in the middle: the old one is made again', () => {
    const { rollback, back } = takeBack(
      {
        desired: {
          'volume/v': { spec: { sizeGib: 1, type: 'ssd' } },
          'floating-ip/f': { spec: { labels: { disk: { $ref: 'volume/v.id' } } } },
        },
        things: {
          'volume/v': { spec: { sizeGib: 1, type: 'hdd' } },
          'floating-ip/f': { spec: { labels: { disk: 'id-v' } }, needs: ['volume/v'] },
        },
      },
      'delete volume/v',
    );
    expect(keys(rollback)).toEqual(['create volume/v', 'update floating-ip/f']);
    expect(back.recorded.objects.get('volume/v')?.spec).toEqual({ sizeGib: 1, type: 'hdd' });
    expect(back.recorded.objects.get('floating-ip/f')?.spec['labels']).toEqual({
      disk: back.recorded.objects.get('volume/v')?.id,
    });
  });

  describe('names what cannot be taken back', () => {
    test('a grown volume keeps its size, the rest is set back', () => {
      const { rollback, back } = takeBack({
        desired: { 'volume/v': { spec: { sizeGib: 20, labels: { a: 'new' } } } },
        things: { 'volume/v': { spec: { sizeGib: 10, labels: { a: 'old' } } } },
      });
      expect(keys(rollback)).toEqual(['update volume/v']);
      expect(found(rollback)).toEqual([
        'warning PR-LOST: volume/v keeps its new sizeGib: the former one cannot be set back',
      ]);
      expect(back.recorded.objects.get('volume/v')?.spec).toEqual({ sizeGib: 20, labels: { a: 'old' } });
    });

    test('a deleted server whose user data is not recorded stays away, with what rested on it', () => {
      const { rollback } = takeBack({
        desired: { 'floating-ip/f': { spec: {} } },
        things: {
          'server/a': { spec: { ...SERVER, userData: 'secret text' } },
          'volume/v': { spec: { sizeGib: 1, server: 'id-a' }, needs: ['server/a'] },
          'floating-ip/f': { spec: { server: 'id-a' }, needs: ['server/a'] },
        },
        options: { allowDeletes: 2 },
      });
      expect(keys(rollback)).toEqual([]);
      expect(found(rollback)).toEqual([
        'warning PR-LOST: floating-ip/f keeps its new server: what the former one named is gone for good',
        'warning PR-LOST: server/a cannot come back: its former userData is not recorded',
        'warning PR-LOST: volume/v cannot come back: what its server named is gone for good',
      ]);
      expect(canonical(rollback)).not.toContain('secret text');
    });

    test('what was created protected stays, with what it rests on', () => {
      const { rollback, back } = takeBack({
        desired: {
          'network/m': { spec: { ipRange: '10.1.0.0/16' } },
          'network/n': { spec: { ipRange: '10.0.0.0/16' } },
          'subnet/s': { spec: { network: { $ref: 'network/n.id' }, ipRange: '10.0.1.0/24' } },
          'server/a': { spec: { ...SERVER, subnet: { $ref: 'subnet/s.id' } }, protect: true },
        },
      });
      expect(keys(rollback)).toEqual(['delete network/m']);
      expect(found(rollback)).toEqual([
        'warning PR-KEPT: network/n stays: something protected rests on it',
        'warning PR-KEPT: server/a stays: it was created protected',
        'warning PR-KEPT: subnet/s stays: something protected rests on it',
      ]);
      expect([...back.recorded.objects.keys()].sort()).toEqual(['network/n', 'server/a', 'subnet/s']);
    });
  });

  test('a leftover of an older replacement, deleted by the run, does not come back', () => {
    const { rollback } = takeBack({
      desired: { 'server/a': { spec: SERVER } },
      things: { 'server/a': { id: 'srv-2', spec: SERVER }, 'server/a#srv-1': { id: 'srv-1', spec: SERVER } },
    });
    expect(keys(rollback)).toEqual([]);
  });

  test('half a rollback can be taken up again', () => {
    const { plan, half, rollback } = takeBack({
      desired: {
        'network/n': { spec: { ipRange: '10.0.0.0/16' } },
        'server/a': { spec: { ...SERVER, size: 'large' } },
      },
      things: { 'server/a': { spec: SERVER } },
    });
    expect(keys(rollback)).toEqual(['delete network/n', 'update server/a']);
    const part = carryOut({ ...rollback, changes: rollback.changes.slice(0, 1) }, half, {
      run: 'run-3',
      whole: rollback,
    });
    const again = makeRollback({
      ...part,
      plan,
      capability: capabilityFrom({}),
      catalogues: {},
      tool: 't',
      commit: plan.commit,
      tree: plan.tree,
    });
    expect(keys(again)).toEqual(['update server/a']);
  });
});
