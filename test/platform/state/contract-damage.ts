import { expect, test } from 'vitest';
import { faultOf, useBench } from './bench.ts';
import { begin, done, holder, intent, object, plan } from './fixture.ts';
import { type Harness, REF, WORKSPACE } from './harness.ts';

/** Whatever does not check out is refused and named, and can be mended. */
export function damageContract(make: () => Harness): void {
  const bench = useBench(make);

  test('a commit that was edited is refused by read, and named by verify', async () => {
    await bench.write([done('web-1')]);
    const head = bench.world.refs().get(REF) ?? '';
    const path = 'run.json';
    bench.world.force(REF, bench.world.edit(head, path, '{}\n'));
    const fault = await faultOf(bench.open('two').read());
    expect(fault.code).toBe('integrity');
    expect(fault.problems[0]?.id).toBe('ST-CHECKSUM');
    expect(fault.problems[0]?.fix).toContain('provisioning state rebuild');
    const report = await bench.open('two').verify();
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toMatchObject({ what: 'holds other files than its checkpoints say' });
    expect(report.problems[0]?.commit).toBe(bench.world.refs().get(REF));
  });

  test('a newer format and another workspace are refused', async () => {
    await bench.write([done('web-1')]);
    const head = bench.world.refs().get(REF) ?? '';
    const header = { format: 2, workspace: WORKSPACE, lineage: '0123456789ab' };
    bench.world.force(REF, bench.world.edit(head, 'header.json', JSON.stringify(header)));
    expect((await faultOf(bench.open('two').read())).problems[0]?.id).toBe('ST-FORMAT');
    bench.world.force(
      REF,
      bench.world.edit(head, 'header.json', JSON.stringify({ ...header, format: 1, workspace: 'other' })),
    );
    expect((await faultOf(bench.open('three').read())).problems[0]?.id).toBe('ST-WORKSPACE');
    bench.world.force(REF, bench.world.edit(head, 'header.json', 'not json'));
    expect((await faultOf(bench.open('four').read())).problems[0]?.id).toBe('ST-FOREIGN');
  });

  test('a head older than the one seen is refused with both, until somebody accepts it', async () => {
    const old = await bench.write([done('web-1')]);
    const seen = await bench.write([done('web-2')]);
    bench.world.force(REF, old.head);
    const fault = await faultOf(bench.open('one').read());
    expect(fault.code).toBe('integrity');
    expect(fault.data).toEqual({ seen: seen.head, found: old.head });
    expect((await faultOf(bench.take('one'))).code).toBe('integrity');
    await bench.open('one').trustReset();
    expect((await bench.open('one').read()).head).toBe(old.head);
  });

  test('a chain that is gone is not an empty one', async () => {
    const seen = await bench.write([done('web-1')]);
    bench.world.force(REF, null);
    const fault = await faultOf(bench.open('one').read());
    expect(fault.code).toBe('integrity');
    expect(fault.problems[0]?.id).toBe('ST-GONE');
    expect((await faultOf(bench.take('one'))).code).toBe('integrity');
    await bench.world
      .open('one')
      .rebuild({ lineage: seen.lineage, objects: [object('web-1')], by: 'ada', holder: holder('one') });
    const rebuilt = await bench.open('two').read();
    expect(rebuilt).toMatchObject({ lineage: seen.lineage, tree: seen.tree, writer: null, run: null });
    expect((await bench.open('two').verify()).problems).toEqual([]);
    const writer = await bench.take('two');
    expect(writer.epoch).toBe(rebuilt.epoch + 1);
    await writer.close({ release: true });
  });

  test('a rebuild replaces objects, fences the former writer, and keeps the former commits', async () => {
    const approval = { digest: plan('b').digest, commit: plan('b').commit, by: 'ada', at: 5 };
    await bench.write([
      begin('a'),
      done('web-1'),
      { step: 'intend', intents: [intent('web-2')] },
      { step: 'approve', approval, plan: plan('b') },
      { step: 'hold', by: 'ada', why: 'the chain is damaged', at: 6 },
    ]);
    const before = await bench.open('two').read();
    await bench.open('one').rebuild({ lineage: '', objects: [object('web-9')], by: 'ada', holder: holder('one') });
    const after = await bench.open('two').read();
    expect([...after.objects.keys()]).toEqual(['server/web-9']);
    expect(after).toMatchObject({ lineage: before.lineage, writer: null, run: null, approvals: [] });
    expect(after.hold, 'what was stopped stays stopped').toEqual(before.hold);
    expect(after.intents.size).toBe(0);
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(
      [...bench.world.refs().keys()].filter(ref => ref.startsWith('refs/heads/provisioning/history/shop/')),
    ).toHaveLength(1);
    const subjects = (await bench.open('two').history({ limit: 20 })).map(entry => entry.subject);
    expect(subjects.slice(0, 2)).toEqual(['hold by ada', 'rebuild 1 object by ada']);
    expect(subjects).toContain('create server/web-1 done');
    expect((await bench.open('three').verify()).problems).toEqual([]);
  });

  test('a rebuild mends a chain that does not check out', async () => {
    await bench.write([done('web-1')]);
    bench.world.force(REF, bench.world.edit(bench.world.refs().get(REF) ?? '', 'run.json', '{}\n'));
    expect((await faultOf(bench.open('one').read())).code).toBe('integrity');
    await bench.world
      .open('one')
      .rebuild({ lineage: 'abcdefabcdef', objects: [object('web-1')], by: 'ada', holder: holder('one') });
    const mended = await bench.open('one').read();
    expect(mended.lineage).toBe('abcdefabcdef');
    expect(mended.epoch).toBe(2);
    expect([...mended.objects.keys()]).toEqual(['server/web-1']);
  });

  test('compacting keeps state, sequence and history, and others read on', async () => {
    await bench.write([begin('a'), done('web-1'), { step: 'end', outcome: 'done', at: 1 }]);
    const before = await bench.open('two').read();
    const { history, commits } = await bench.open('one').compact(holder('one'), { waitMs: 0 });
    expect(history).toBe(`refs/heads/provisioning/history/shop/${commits}`);
    expect(bench.world.refs().has(history)).toBe(true);
    const after = await bench.open('two').read();
    expect(after).toMatchObject({ tree: before.tree, lineage: before.lineage, run: before.run, writer: null });
    expect(await bench.open('two').plan(plan('a').digest)).toEqual(plan('a'));
    await bench.write([done('web-2')], 'two');
    await bench.open('one').compact(holder('one'), { waitMs: 0 });
    const entries = await bench.open('three').history({ limit: 100 });
    expect(entries.map(entry => entry.sequence)).toEqual([...entries.keys()].map(index => entries.length - index));
    const report = await bench.open('three').verify();
    expect(report).toMatchObject({ problems: [], commits: entries.length, objects: 2 });
  });

  test('verify says when compacted commits are gone', async () => {
    await bench.write([done('web-1')]);
    const { history } = await bench.open('one').compact(holder('one'), { waitMs: 0 });
    bench.world.force(history, null);
    const elsewhere = bench.open('elsewhere');
    expect([...(await elsewhere.read()).objects.keys()]).toEqual(['server/web-1']);
    expect((await elsewhere.verify()).problems[0]?.what).toMatch(/^goes on from [0-9a-f]{40}, which is gone$/);
  });
}
