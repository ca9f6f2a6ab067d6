import { describe, expect, it } from 'vitest';
import { runPlan } from '../../appliers/run.ts';
import { memoryDisk } from '../../platform/state/memory-disk.ts';
import type { Plan } from '../../schemas/plan.ts';
import type { RunInput, RunReport } from '../../appliers/run.ts';
import { change, openStage, planOf, type Stage } from './stage.ts';

/** Goes on with the run that the chain records, on this machine or another one. */
async function resume(
  stage: Stage,
  plan: Plan,
  more: Partial<RunInput> & { readonly elsewhere?: boolean; readonly signal?: AbortSignal } = {},
): Promise<RunReport> {
  const { elsewhere, signal, ...input } = more;
  const { writer } = await stage.take(elsewhere === true ? memoryDisk() : undefined);
  try {
    const given = stage.input(writer, plan, { runId: writer.recorded.run?.id ?? '', ...input });
    return await runPlan(signal === undefined ? given : { ...given, context: { ...given.context, signal } });
  } finally {
    await writer.close({ release: true });
  }
}

async function openIntents(stage: Stage): Promise<string[]> {
  const { writer } = await stage.take(memoryDisk());
  const keys = [...writer.recorded.intents.keys()].sort();
  await writer.close({ release: true });
  return keys;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
const flat = (count: number): Plan => planOf(names(count).map(name => change(`create server/${name}`)));
const chain = (count: number): Plan =>
  planOf(
    names(count).map((name, index) =>
      change(`create server/${name}`, { needs: index === 0 ? [] : [`create server/n${index - 1}`] }),
    ),
  );

/** The call was made, its answer never read: what the cloud has and the record has not. */
const UNTOLD = ['create.answered', 'outcome.before', 'journal.append.before'] as const;

describe('a run that died', () => {
  it.each(UNTOLD)('after a create was answered (%s): the object is found, not made again', async point => {
    const stage = openStage();
    const plan = chain(3);
    await stage.dieAt(point === 'journal.append.before' ? 'create.answered' : point, plan, {
      nth: 2,
      torn: point === 'journal.append.before',
    });
    const report = await resume(stage, plan);
    expect(report.outcome).toBe('done');
    expect(stage.cloud.objects.size).toBe(3);
    expect([...(await stage.recorded()).keys()]).toHaveLength(3);
  });

  it.each(['here', 'elsewhere'])('before a call was sent, resumed %s: it is sent once', async place => {
    const stage = openStage();
    const plan = chain(3);
    await stage.dieAt('create.send.before', plan, { nth: 2 });
    const report = await resume(stage, plan, { elsewhere: place === 'elsewhere' });
    expect(report.outcome).toBe('done');
    expect(stage.cloud.calls().filter(call => call === 'create server/n1')).toHaveLength(1);
  });

  it('asks nothing about what this machine certainly did not send', async () => {
    const stage = openStage({ limits: { parallel: 1, perProvider: 1 } });
    const plan = flat(50);
    await stage.dieAt('outcome.after', plan, { nth: 10 });
    const before = stage.cloud.ledger.length;
    expect((await resume(stage, plan)).outcome).toBe('done');
    expect(stage.cloud.objects.size).toBe(50);
    expect(stage.cloud.ledger.slice(before).filter(({ call }) => call === 'find')).toEqual([]);
    expect(stage.cloud.ledger.slice(before).filter(({ call }) => call === 'list')).toEqual([]);
  });

  it('on another machine asks once about everything that may have been sent', async () => {
    const stage = openStage();
    const plan = flat(200);
    await stage.dieAt('create.answered', plan, { nth: 40 });
    const before = stage.cloud.ledger.length;
    const made = stage.cloud.objects.size;
    expect((await resume(stage, plan, { elsewhere: true })).outcome).toBe('done');
    const looks = stage.cloud.ledger.slice(before).map(({ call }) => call);
    expect(looks.filter(call => call === 'find')).toHaveLength(0);
    expect(looks.filter(call => call === 'list')).toHaveLength(1);
    expect(looks.filter(call => call === 'create')).toHaveLength(200 - made);
    expect(stage.cloud.objects.size).toBe(200);
  });

  it('on another machine waits until what was sent must be visible, counted from when it looked first', async () => {
    const stage = openStage({
      visibleAfterMs: 4_000,
      capability: { idempotency: 'label-scan', visibleAfterMs: 5_000 },
    });
    const plan = flat(20);
    await stage.dieAt('create.answered', plan, { nth: 5 });
    const report = await resume(stage, plan, { elsewhere: true });
    expect(report.outcome).toBe('done');
    expect(report.durationMs).toBeGreaterThanOrEqual(5_000);
    expect(stage.cloud.objects.size).toBe(20);
  });

  it('dies again and again, wherever it is taken up, and still makes each object once', async () => {
    const capability = { idempotency: 'label-scan', visibleAfterMs: 5_000 } as const;
    const limits = { parallel: 2, perProvider: 2 };
    const stage = openStage({ visibleAfterMs: 4_000, capability, limits });
    const plan = flat(8);
    const deaths: boolean[] = [];
    for (const point of [
      'create.answered',
      'intent.push.after',
      'lookup.before',
      'take.after',
      'create.send.before',
    ] as const) {
      deaths.push(await stage.dieAt(point, plan));
    }
    expect(deaths).toEqual([true, true, true, true, true]);
    expect((await resume(stage, plan, { elsewhere: true })).outcome).toBe('done');
    expect(stage.cloud.objects.size).toBe(8);
  });

  it.each(['here', 'elsewhere'])('%s goes on following an action that the cloud had begun', async place => {
    const stage = openStage();
    stage.cloud.script('create server/n0', { does: 'begin', ms: 60_000 });
    const plan = flat(1);
    await stage.dieAt('poll.after', plan, { nth: 5 });
    const report = await resume(stage, plan, { elsewhere: place === 'elsewhere' });
    expect(report).toMatchObject({ outcome: 'done', failed: [] });
    expect(stage.cloud.calls()).toEqual(['create server/n0']);
  });

  it('does not repeat what failed before: the next plan does', async () => {
    const stage = openStage({ limits: { parallel: 1, perProvider: 1 } });
    stage.cloud.script('create server/n0', { does: 'refuse', class: 'invalid-input' });
    const plan = planOf([...flat(3).changes, change('create server/z', { needs: ['create server/n0'] })]);
    await stage.dieAt('outcome.after', plan);
    const report = await resume(stage, plan);
    expect(report.outcome).toBe('failed');
    expect(report.failed.map(({ key }) => key)).toEqual(['create server/n0']);
    expect(report.skipped.map(({ key }) => key)).toEqual(['create server/z']);
    expect(stage.cloud.calls().filter(call => call === 'create server/n0')).toHaveLength(1);
    expect(await openIntents(stage)).toEqual([]);
  });

  it('a deletion that may have been sent is sent again; what is gone is gone', async () => {
    const stage = openStage();
    const objects = await stage.made('server/a', 'server/b');
    const plan = planOf(objects.map(({ id }, index) => change(`delete server/${'ab'[index]}`, { id })));
    await stage.dieAt('delete.answered', plan);
    expect((await resume(stage, plan, { elsewhere: true })).outcome).toBe('done');
    expect(stage.cloud.objects.size).toBe(0);
    expect((await stage.recorded()).size).toBe(0);
  });

  it('what may have been sent is settled even when what it needs failed meanwhile', async () => {
    const stage = openStage();
    const plan = planOf([change('create server/a'), change('create server/b', { needs: ['create server/a'] })]);
    // Both were made, and the outcome of neither reached the remote; then somebody deleted the first and took its name.
    await stage.dieAt('create.answered', plan, { nth: 2 });
    const [a] = [...stage.cloud.objects.values()];
    stage.cloud.objects.delete(a?.id ?? '');
    stage.cloud.put({ id: 'other', name: 'server/a' });
    stage.cloud.script('create server/a', { does: 'refuse', class: 'already-exists' });
    const report = await resume(stage, plan, { elsewhere: true });
    expect(report.failed.map(({ key }) => key)).toEqual(['create server/a']);
    expect(report.done).toEqual(['create server/b']);
    expect([...(await stage.recorded()).keys()]).toEqual(['server/b']);
    expect(await openIntents(stage)).toEqual([]);
  });
});

describe('a run that is no longer asked for', () => {
  it('settles what may have been sent, sends nothing, and leaves nothing open', async () => {
    const stage = openStage();
    const plan = chain(5);
    await stage.dieAt('create.answered', plan, { nth: 2 });
    const before = stage.cloud.calls().length;
    const report = await resume(stage, plan, { elsewhere: true, settleOnly: true });
    expect(report.outcome).toBe('superseded');
    expect(
      stage.cloud
        .calls()
        .slice(before)
        .filter(call => call.startsWith('create')),
    ).toEqual([]);
    expect([...(await stage.recorded()).values()].map(({ id }) => id).sort()).toEqual(
      [...stage.cloud.objects.keys()].sort(),
    );
    expect(await openIntents(stage)).toEqual([]);
  });

  it('stays open where the cloud cannot be asked', async () => {
    const stage = openStage();
    const plan = flat(1);
    await stage.dieAt('create.answered', plan);
    stage.cloud.script('list', ...Array.from({ length: 30 }, () => ({ does: 'refuse', class: 'forbidden' }) as const));
    const report = await resume(stage, plan, { elsewhere: true, settleOnly: true });
    expect(report.outcome).toBe('superseded');
    expect(await openIntents(stage)).toEqual(['create server/n0']);
    stage.cloud.script('list');
  });
});

describe('stopping', () => {
  const slow = {
    durationMs: (_: string, call: string) => (call === 'create' ? 1_000 : 0),
    limits: { parallel: 2, perProvider: 2 },
  };

  it('the first signal: nothing new starts, what is in flight ends and is recorded, and the next run goes on', async () => {
    const stage = openStage(slow);
    const plan = flat(6);
    void stage.clock.sleep(1_500).then(() => stage.stop.abort());
    const report = await stage.run(plan);
    expect(report).toMatchObject({ outcome: 'stopped', durationMs: 2_000 });
    expect(report.done).toHaveLength(4);
    expect((await stage.recorded()).size).toBe(4);
    const rest = await resume(stage, plan, {
      signals: { stop: new AbortController().signal, abort: new AbortController().signal },
    });
    expect(rest).toMatchObject({ outcome: 'done' });
    expect(stage.cloud.calls()).toHaveLength(6);
  });

  it('the second signal: it does not wait, and the next run looks what became of the calls', async () => {
    const stage = openStage(slow);
    const plan = flat(4);
    void stage.clock.sleep(500).then(() => {
      stage.stop.abort();
      stage.abort.abort();
    });
    const report = await stage.run(plan);
    expect(report.outcome).toBe('stopped');
    expect(report.durationMs).toBeLessThan(600);
    expect((await openIntents(stage)).length).toBeGreaterThanOrEqual(2);
    const fresh = { stop: new AbortController().signal, abort: new AbortController().signal };
    const rest = await resume(stage, plan, { signals: fresh, signal: fresh.abort });
    expect(rest.outcome).toBe('done');
    expect(stage.cloud.objects.size).toBe(4);
  });

  it('ends a wait for the next attempt and a pause of the provider at once', async () => {
    const stage = openStage();
    stage.cloud.script('create server/n0', { does: 'refuse', class: 'rate-limited', retryAfterMs: 3_600_000 });
    stage.cloud.script('create server/n1', { does: 'refuse', class: 'conflict', retryAfterMs: 3_600_000 });
    void stage.clock.sleep(5_000).then(() => stage.stop.abort());
    const report = await stage.run(flat(2));
    expect(report).toMatchObject({ outcome: 'stopped', durationMs: 5_000 });
  });

  it('a hold does the same as the first signal', async () => {
    const stage = openStage(slow);
    const report = await stage.run(flat(6), { held: () => stage.clock.monotonic() > 1_500 });
    expect(report.outcome).toBe('stopped');
    expect(report.done).toHaveLength(4);
  });

  it('a lease that was not renewed lets no call go, and ends the run', async () => {
    const stage = openStage();
    const { writer } = await stage.take();
    const calls: string[] = [];
    const input = stage.input(writer, chain(3), {
      progress: event => void (event.event === 'change' && calls.push(`${event.key} ${event.state}`)),
    });
    // Nothing answers for so long that somebody else may have taken over.
    const reach = async (point: string): Promise<void> => {
      if (point === 'create.send.before' && stage.cloud.objects.size === 1) {
        stage.remote.inject({ fault: 'down', on: 'push' });
        stage.remote.inject({ fault: 'down', on: 'look' });
        await stage.clock.sleep(120_000);
      }
    };
    const run = runPlan({ ...input, context: { ...input.context, world: { ...input.context.world, reach } } });
    await expect(run).rejects.toMatchObject({ code: 'locked' });
    expect(stage.cloud.objects.size).toBe(1);
    stage.remote.heal();
    await writer.close({ release: false }).catch(() => {});
  });

  it('a successor that took over while this process was paused ends the run before its next call', async () => {
    const stage = openStage({ durationMs: (_, call) => (call === 'create' ? 1_000 : 0) });
    const wakesAt = 200_000;
    let isPaused = false;
    const sleep: typeof stage.clock.sleep = async (ms, signal) => {
      await stage.clock.sleep(ms, signal);
      if (isPaused && stage.clock.monotonic() < wakesAt)
        await stage.clock.sleep(wakesAt - stage.clock.monotonic(), signal);
    };
    const { writer } = await stage.take(stage.disk, { sleep });
    const input = stage.input(writer, chain(3));
    const reach = (point: string) => {
      isPaused ||= point === 'create.answered';
      return sleep(0);
    };
    const run = runPlan({ ...input, context: { ...input.context, world: { ...input.context.world, reach } } }).catch(
      (error: unknown) => error,
    );
    await stage.clock.sleep(2_000);
    const { writer: other } = await stage.take(memoryDisk());
    expect(stage.clock.monotonic()).toBeLessThan(wakesAt);
    expect(await run).toMatchObject({ code: 'locked' });
    expect(stage.clock.monotonic()).toBeGreaterThanOrEqual(wakesAt);
    expect(stage.cloud.objects.size).toBe(1);
    await other.close({ release: true });
    await writer.close({ release: false }).catch(() => {});
  });

  it('a remote that does not answer for a while delays a run and does not end it', async () => {
    const stage = openStage();
    const { writer } = await stage.take();
    stage.remote.inject({ fault: 'down', on: 'push', times: 6 });
    const report = await runPlan(stage.input(writer, chain(3)));
    expect(report.outcome).toBe('done');
    await writer.close({ release: true });
  });
});
