import { expect, test } from 'vitest';
import { type Checkpoint, emptyRecorded, type Step } from '../../../schemas/checkpoint.ts';
import { advance, startFold } from '../../../planner/recorded.ts';
import { facts, useBench } from './bench.ts';
import { begin, done, intent, object, plan } from './fixture.ts';
import { type Harness, WORKSPACE } from './harness.ts';

export const EVERY_STEP: readonly Step[] = [
  {
    step: 'approve',
    approval: { digest: plan('a').digest, commit: plan('a').commit, by: 'ada', at: 5 },
    plan: plan('a'),
  },
  {
    step: 'approve',
    approval: { digest: plan('b').digest, commit: plan('b').commit, by: 'bob', at: 6 },
    plan: plan('b'),
  },
  { step: 'hold', by: 'ada', why: 'lunch\n\nSequence: 99', at: 7 },
  { step: 'unhold', by: 'ada', at: 8 },
  begin('a'),
  { step: 'intend', intents: [intent('web-1'), intent('web-2'), intent('web-3')] },
  { step: 'token', key: 'create server/web-2', token: { id: 'action-1' } as never },
  done('web-1', { outputs: { privateIp: '10.0.0.9', note: 'ünï “quoted” \\ \u2028' } }),
  {
    step: 'fail',
    key: 'create server/web-2',
    fault: { code: 'unavailable', problems: [{ id: 'PR', what: 'no answer' }], data: {}, nothingChanged: false },
    settled: false,
    objects: [],
  },
  {
    step: 'fail',
    key: 'create server/web-3',
    fault: { code: 'partial', problems: [{ id: 'PR', what: 'half done' }], data: {}, nothingChanged: false },
    settled: true,
    objects: [object('web-3', { tainted: true })],
  },
  done('web-2'),
  {
    step: 'done',
    key: 'replace server/web-1',
    objects: [object('web-1', { id: 'i-new' }), object('web-1', { key: 'server/web-1#i-web/1 ü*' })],
    remove: [],
  },
  { step: 'done', key: 'delete server/web-3', objects: [], remove: ['server/web-3'] },
  { step: 'end', outcome: 'done', at: 9 },
];

/** What is recorded is read back, on any machine, and reading costs nothing. */
export function recordContract(make: () => Harness): void {
  const bench = useBench(make);

  test('a chain that is not there is empty, keeps its lineage, and looking at it writes nothing', async () => {
    const first = await bench.open().read();
    expect(first).toEqual(emptyRecorded(WORKSPACE, first.lineage));
    expect(first.lineage).toMatch(/^[0-9a-f]{12}$/);
    for (let pass = 0; pass < 5; pass += 1) expect((await bench.open().read()).lineage).toBe(first.lineage);
    expect(bench.world.refs().size).toBe(0);
    expect((await bench.write([])).lineage).toBe(first.lineage);
  });

  test('reading a converged chain any number of times adds no commit', async () => {
    await bench.write([done('web-1')]);
    const before = bench.world.refs();
    for (let pass = 0; pass < 10; pass += 1) await bench.open().read();
    expect(bench.world.refs()).toEqual(before);
  });

  test('every step is read back on another machine as the fold says, and verifies', async () => {
    const writer = await bench.take();
    const fold = startFold(emptyRecorded(WORKSPACE, writer.recorded.lineage));
    for (const step of EVERY_STEP) {
      const sequence = await writer.append([step]);
      advance(fold, { sequence, epoch: 1, at: 0, run: null, plan: null, body: step } satisfies Checkpoint);
    }
    const own = facts(writer.recorded);
    expect(own.objects).toEqual(facts(fold).objects);
    await writer.close({ release: true });
    const there = await bench.open('two').read();
    expect(facts(there)).toEqual({ ...own, sequence: own.sequence + 1 });
    expect(there.writer).toBeNull();
    expect(facts(await bench.open('one').read())).toEqual(facts(there));
    const report = await bench.open('two').verify();
    expect(report).toMatchObject({ problems: [], commits: EVERY_STEP.length + 2, objects: 3, epochs: 1 });
  });

  test('equal objects have equal trees, whatever else was recorded', async () => {
    const empty = await bench.write([]);
    expect(empty.tree).toBe(emptyRecorded(WORKSPACE, '').tree);
    const one = await bench.write([done('web-1')]);
    const two = await bench.write([done('web-2')]);
    const three = await bench.write([
      { step: 'done', key: 'delete server/web-2', objects: [], remove: ['server/web-2'] },
    ]);
    expect(three.tree).toBe(one.tree);
    expect(two.tree).not.toBe(one.tree);
    expect(
      (await bench.write([{ step: 'done', key: 'delete server/web-1', objects: [], remove: ['server/web-1'] }])).tree,
    ).toBe(empty.tree);
  });

  test('plans of the newest runs and of approvals can be read back', async () => {
    await bench.write([begin('old'), { step: 'end', outcome: 'done', at: 1 }, begin('running')]);
    const approvals = ['p1', 'p2', 'p3', 'p4', 'p5'].map(
      (text): Step => ({
        step: 'approve',
        approval: { digest: plan(text).digest, commit: plan(text).commit, by: 'ada', at: 1 },
        plan: plan(text),
      }),
    );
    await bench.write(approvals);
    const store = bench.open('two');
    expect(await store.plan(plan('running').digest)).toEqual(plan('running'));
    expect(await store.plan(plan('p5').digest)).toEqual(plan('p5'));
    expect(await store.plan(plan('old').digest)).toBeNull();
    expect(await store.plan(plan('never').digest)).toBeNull();
    expect(await store.plan('../header')).toBeNull();
  });

  test('history is newest first, and tells run, plan, step and change', async () => {
    await bench.write([begin('a'), { step: 'intend', intents: [intent('web-1')] }, done('web-1')]);
    const store = bench.open('two');
    const all = await store.history({ limit: 100 });
    expect(all.map(entry => entry.step)).toEqual(['release', 'done', 'intend', 'begin', 'take']);
    expect(all.map(entry => entry.sequence)).toEqual([5, 4, 3, 2, 1]);
    expect(all[1]).toMatchObject({ key: 'create server/web-1', run: 'run-1', plan: plan('a').digest, epoch: 1 });
    expect(all[1]?.subject).toBe('create server/web-1 done');
    expect(await store.history({ limit: 2 })).toEqual(all.slice(0, 2));
    expect(await store.history({ limit: 2, from: all[2]?.commit ?? '' })).toEqual(all.slice(2, 4));
    expect(await bench.open('three').history({ limit: 5 })).toHaveLength(5);
  });
}
