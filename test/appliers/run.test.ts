import { describe, expect, it } from 'vitest';
import { Fault } from '../../schemas/fault.ts';
import { runPlan } from '../../appliers/run.ts';
import type { Change } from '../../schemas/plan.ts';
import { change, openStage, pinOf, planOf } from './stage.ts';

describe('a run', () => {
  it('does everything, each after what it needs, and hands values on', async () => {
    const stage = openStage();
    const ref = { $ref: 'server/a.privateIp' };
    const report = await stage.run(
      planOf([
        change('create server/c', { needs: ['create server/b'] }),
        change('create server/b', {
          needs: ['create server/a'],
          after: { labels: { ip: ref, url: { $join: ['http://', ref, ':80'] } } },
          requires: ['server/a'],
        }),
        change('create server/a'),
      ]),
    );
    expect(report).toMatchObject({ outcome: 'done', done: ['create server/a', 'create server/b', 'create server/c'] });
    expect(stage.cloud.calls()).toEqual(report.done);
    const objects = await stage.recorded();
    expect(objects.get('server/b')).toMatchObject({
      id: 'id-2',
      needs: ['server/a'],
      spec: { labels: { ip: '10.0.0.1', url: 'http://10.0.0.1:80' } },
      by: { key: 'create server/b' },
    });
  });

  it('records a digest of what the cloud never shows, and not the value', async () => {
    const stage = openStage();
    await stage.run(planOf([change('create server/a', { after: { userData: 'pass-word-1' } })]));
    const recorded = JSON.stringify([...(await stage.recorded()).values()]);
    expect(recorded).toMatch(/"userData":\{"\$sha256":"[0-9a-f]{64}"\}/);
    expect(recorded).not.toContain('pass-word-1');
  });

  it('tells what happens, in order, with times', async () => {
    const stage = openStage({ durationMs: (_, call) => (call === 'create' ? 400 : 0) });
    stage.cloud.script('create server/b', { does: 'begin', ms: 1_000 });
    stage.cloud.script('create server/c', { does: 'refuse', class: 'invalid-input' });
    await stage.run(
      planOf([
        change('create server/a'),
        change('create server/b', { needs: ['create server/a'] }),
        change('create server/c', { needs: ['create server/b'] }),
        change('create server/d', { needs: ['create server/c'] }),
      ]),
    );
    const told = stage.events.map(event =>
      event.event === 'change'
        ? `${event.key.slice(-1)} ${event.state} ${event.settled}/${event.total}${event.durationMs === undefined ? '' : ` ${event.durationMs} ms`}`
        : event.event,
    );
    expect(told).toEqual([
      'run-begun',
      'a started 0/4',
      'a done 1/4 400 ms',
      'b started 1/4',
      'b pending 1/4',
      'b done 2/4 1600 ms',
      'c started 2/4',
      'c failed 4/4 400 ms',
      'd skipped 4/4',
      'run-ended',
    ]);
  });

  it('goes on with what does not need a change that failed, and begins nothing that does', async () => {
    const stage = openStage();
    stage.cloud.script('create server/b', { does: 'refuse', class: 'invalid-input' });
    const report = await stage.run(
      planOf([
        change('create server/a'),
        change('create server/b'),
        change('create server/c', { needs: ['create server/b'] }),
        change('create server/d', { needs: ['create server/c', 'create server/a'] }),
        change('create server/e', { needs: ['create server/a'] }),
      ]),
    );
    expect(report.outcome).toBe('failed');
    expect(report.done).toEqual(['create server/a', 'create server/e']);
    expect(report.failed.map(({ key }) => key)).toEqual(['create server/b']);
    expect(report.skipped).toEqual([
      { key: 'create server/c', because: 'create server/b failed' },
      { key: 'create server/d', because: 'create server/b failed' },
    ]);
    const { store, writer } = await stage.take();
    const recorded = await store.read();
    expect(recorded.intents.size).toBe(0);
    expect(recorded.run).toMatchObject({ outcome: 'failed' });
    expect(Object.keys(recorded.run?.failed ?? {})).toContain('create server/b');
    await writer.close({ release: true });
  });

  it('a defect in one change fails that change alone', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'throw', error: new RangeError('server/a: secret-in-a-message') });
    const report = await stage.run(planOf([change('create server/a'), change('create server/b')]));
    expect(report.done).toEqual(['create server/b']);
    expect(report.failed[0]?.fault.code).toBe('bug');
    expect(JSON.stringify(report)).not.toContain('secret-in-a-message');
    const again = await stage.take();
    // It may have been done: the intent stays open until somebody looked.
    expect([...again.writer.recorded.intents.keys()]).toEqual(['create server/a']);
    await again.writer.close({ release: true });
  });

  it('keeps the old object on record while its replacement already exists', async () => {
    const stage = openStage();
    const [old] = await stage.made('server/a');
    stage.cloud.script('delete server/a', { does: 'refuse', class: 'protected' });
    const replace = planOf([
      change('create server/a', { replaces: 'delete server/a' }),
      change('delete server/a', { id: old?.id ?? '', needs: ['create server/a'] }),
    ]);
    const report = await stage.run(replace);
    expect(report.outcome).toBe('failed');
    const objects = await stage.recorded();
    expect([...objects].map(([key, { id }]) => `${key} ${id}`).sort()).toEqual([`server/a id-2`, `server/a#id-1 id-1`]);
    const rest = await stage.run(planOf([change('delete server/a', { id: 'id-1' })]));
    expect(rest.outcome).toBe('done');
    expect([...(await stage.recorded()).keys()]).toEqual(['server/a']);
  });

  it('moves the record of what was renamed, takes over what is adopted, and calls nobody to forget', async () => {
    const stage = openStage();
    const [old, lost] = await stage.made('server/old', 'server/lost');
    stage.cloud.put({ id: 'wild', spec: { size: 'small' } });
    const before = stage.cloud.calls().length;
    const report = await stage.run(
      planOf([
        change('update server/new', { id: old?.id ?? '', movedFrom: 'server/old', before: {} }),
        change('adopt server/wild', { id: 'wild', after: { size: 'small' } }),
        change('forget server/lost', { id: lost?.id ?? '' }),
      ]),
    );
    expect(report.outcome).toBe('done');
    expect(stage.cloud.calls().slice(before).sort()).toEqual(['adopt server/wild', 'update server/new']);
    const objects = await stage.recorded();
    expect([...objects].map(([key, { id }]) => `${key} ${id}`).sort()).toEqual([
      `server/new ${old?.id}`,
      'server/wild wild',
    ]);
    expect(stage.cloud.objects.get(old?.id ?? '')?.owner).toMatchObject({
      address: 'server/new',
      opId: objects.get('server/new')?.opId,
    });
    expect(stage.cloud.objects.get('wild')?.owner?.address).toBe('server/wild');
  });

  it('refuses before the first call when an object is not as it was planned', async () => {
    const stage = openStage();
    const [a, b] = await stage.made('server/a', 'server/b');
    if (a === undefined || b === undefined) throw new Error('two objects were made');
    const before = stage.cloud.calls().length;
    const plan = planOf([
      change('update server/a', { id: a.id, before: {}, after: { size: 'large' }, observed: pinOf(a) }),
      change('delete server/b', { id: b.id, observed: pinOf(b) }),
      change('create server/c'),
    ]);
    stage.cloud.put({ ...a, spec: { size: 'huge' } });
    stage.cloud.objects.delete(b.id);
    const { writer } = await stage.take();
    const { sequence } = writer.recorded;
    const refused = await runPlan(stage.input(writer, plan)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Fault);
    expect((refused as Fault).code).toBe('refused');
    expect((refused as Fault).problems.map(problem => problem.what)).toEqual([
      `server/a (${a.id}) was changed by somebody else`,
      `server/b (${b.id}) no longer exists`,
    ]);
    expect(writer.recorded.sequence).toBe(sequence);
    expect(
      stage.cloud
        .calls()
        .slice(before)
        .filter(call => !call.startsWith('read')),
    ).toEqual([]);
    await writer.close({ release: true });
  });

  it('admits an object to adopt that carries no label yet', async () => {
    const stage = openStage();
    const wild = stage.cloud.put({ id: 'wild' });
    const report = await stage.run(planOf([change('adopt server/wild', { id: 'wild', observed: pinOf(wild) })]));
    expect(report.outcome).toBe('done');
  });

  it('cannot be judged stale or fresh when the cloud does not answer', async () => {
    const stage = openStage();
    const [a] = await stage.made('server/a');
    if (a === undefined) throw new Error('one object was made');
    stage.cloud.script('list', { does: 'refuse', class: 'transient' });
    const run = stage.run(planOf([change('delete server/a', { id: a.id, observed: pinOf(a) })]));
    await expect(run).rejects.toMatchObject({ code: 'unavailable' });
    expect(stage.cloud.objects.has(a.id)).toBe(true);
  });
});

describe('errors', () => {
  it('a provider that knows the credentials no more is not asked again', async () => {
    const stage = openStage({ limits: { parallel: 1, perProvider: 1 } });
    stage.cloud.script('create server/a', { does: 'refuse', class: 'unauthenticated' });
    const report = await stage.run(planOf(['a', 'b', 'c'].map(name => change(`create server/${name}`))));
    expect(stage.cloud.calls()).toEqual(['create server/a']);
    expect(report.failed.map(({ fault }) => fault.problems[0]?.what)).toEqual(
      Array.from({ length: 3 }, () => 'create server/a: the cloud says unauthenticated'),
    );
  });

  it('a used-up quota stops that kind, and nothing else', async () => {
    const stage = openStage({ limits: { parallel: 1, perProvider: 1 } });
    stage.cloud.script('create server/a', { does: 'refuse', class: 'quota' });
    const report = await stage.run(
      planOf(['create server/a', 'create server/b', 'create volume/v'].map(key => change(key))),
    );
    expect(report.done).toEqual(['create volume/v']);
    // Before it counts as failed, it is looked whether the refused create left something after all.
    expect(stage.cloud.calls()).toEqual(['create server/a', 'find server/a', 'create volume/v']);
  });

  it('too many requests pause the whole provider for as long as it asks, and fail nothing', async () => {
    const stage = openStage({ limits: { parallel: 2, perProvider: 2 } });
    const often = Array.from(
      { length: 12 },
      () => ({ does: 'refuse', class: 'rate-limited', retryAfterMs: 3_000 }) as const,
    );
    stage.cloud.script('create server/a', ...often);
    const report = await stage.run(
      planOf([change('create server/a'), change('create server/b'), change('create server/c')]),
    );
    expect(report.outcome).toBe('done');
    const at = (name: string): number[] =>
      stage.cloud.ledger.filter(entry => entry.about === `server/${name}`).map(entry => entry.at);
    expect(at('a')).toHaveLength(13);
    expect(
      at('a')
        .slice(1)
        .every((time, index) => time - (at('a')[index] ?? 0) >= 3_000),
    ).toBe(true);
    expect((at('c')[0] ?? 0) >= (at('a')[0] ?? 0) + 3_000).toBe(true);
    expect(stage.cloud.calls().filter(call => call.startsWith('find'))).toEqual([]);
  });

  it('a call of unknown outcome is looked up, and what was done is not done again', async () => {
    const stage = openStage();
    const [old, gone] = await stage.made('server/u', 'server/d');
    for (const what of ['create server/c', 'update server/u', 'delete server/d'])
      stage.cloud.script(what, { does: 'it-untold' });
    const before = stage.cloud.calls().length;
    const resize: Partial<Change> = {
      id: old?.id ?? '',
      before: {},
      after: { size: 'large' },
      fields: [{ path: 'size', before: null, after: 'large', effect: 'restart' }],
    };
    const report = await stage.run(
      planOf([
        change('create server/c'),
        change('update server/u', resize),
        change('delete server/d', { id: gone?.id ?? '' }),
      ]),
    );
    expect(report.outcome).toBe('done');
    expect(stage.cloud.calls().slice(before).sort()).toEqual([
      'create server/c',
      'delete server/d',
      'find server/c',
      `read ${gone?.id}`,
      'read server/u',
      'update server/u',
    ]);
    expect([...(await stage.recorded()).keys()].sort()).toEqual(['server/c', 'server/u']);
  });

  it('what a look-up proves not done is sent again under the same operation', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'nothing-untold' }, { does: 'nothing-untold' });
    expect((await stage.run(planOf([change('create server/a')]))).outcome).toBe('done');
    expect(stage.cloud.calls()).toEqual(['create', 'find', 'create', 'find', 'create'].map(call => `${call} server/a`));
    expect(new Set(stage.cloud.ledger.filter(({ opId }) => opId !== '').map(({ opId }) => opId)).size).toBe(1);
  });

  it('absence is not believed before a new object must be visible', async () => {
    const stage = openStage({
      visibleAfterMs: 4_000,
      capability: { idempotency: 'label-scan', visibleAfterMs: 5_000 },
    });
    stage.cloud.script('create server/a', { does: 'it-untold' });
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.done).toEqual(['create server/a']);
    expect(stage.cloud.objects.size).toBe(1);
    expect(report.durationMs).toBeGreaterThanOrEqual(5_000);
  });

  it('a cloud that never tells is given up, with nothing left behind', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', ...Array.from({ length: 20 }, () => ({ does: 'nothing-untold' }) as const));
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.failed[0]?.fault.problems[0]?.id).toBe('RUN-GAVE-UP');
    expect(stage.cloud.calls().filter(call => call.startsWith('create'))).toHaveLength(5);
  });

  it('a look-up that fails says nothing: no call follows, and the intent stays open', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'nothing-untold' });
    stage.cloud.script(
      'find server/a',
      ...Array.from({ length: 30 }, () => ({ does: 'refuse', class: 'transient' }) as const),
    );
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.outcome).toBe('failed');
    expect(stage.cloud.calls().filter(call => call.startsWith('create'))).toHaveLength(1);
    const { writer } = await stage.take();
    expect([...writer.recorded.intents.keys()]).toEqual(['create server/a']);
    await writer.close({ release: true });
  });

  it('a name that somebody else has stops the change and shows whose it is', async () => {
    const stage = openStage();
    stage.cloud.put({ id: 'other', name: 'server/a' });
    stage.cloud.script('create server/a', { does: 'refuse', class: 'already-exists' });
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.failed[0]?.fault.problems[0]?.what).toBe(
      'the name of server/a is taken by server other, which is not ours',
    );
    expect(stage.cloud.objects.has('other')).toBe(true);
  });

  it('a name that our own earlier call took is ours', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'it-untold' });
    stage.cloud.script('find server/a', { does: 'refuse', class: 'transient' });
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.done).toEqual(['create server/a']);
    expect(stage.cloud.objects.size).toBe(1);
  });

  it('an object that is only half made is recorded before anything else', async () => {
    const stage = openStage();
    const [old] = await stage.made('server/a');
    stage.cloud.script('create server/a', { does: 'half' });
    const report = await stage.run(
      planOf([
        change('create server/a', { replaces: 'delete server/a' }),
        change('delete server/a', { id: old?.id ?? '', needs: ['create server/a'] }),
      ]),
    );
    expect(report.skipped.map(({ key }) => key)).toEqual(['delete server/a']);
    const objects = await stage.recorded();
    expect(objects.get('server/a')).toMatchObject({ id: 'id-2', tainted: true });
    expect(objects.get(`server/a#${old?.id}`)).toMatchObject({ id: old?.id });
  });

  it('what waits for the impossible is not begun', async () => {
    const stage = openStage();
    const plan = planOf([change('create server/a', { after: { labels: { ip: { $ref: 'server/none.privateIp' } } } })]);
    const report = await stage.run(plan);
    expect(report.failed[0]?.fault.problems[0]?.what).toBe(
      'server/a needs server/none.privateIp, which no object gives',
    );
    expect(stage.cloud.calls()).toEqual([]);
  });

  it('a delete waits for what still uses the object', async () => {
    const stage = openStage();
    const [a] = await stage.made('server/a');
    stage.cloud.script(
      'delete server/a',
      ...Array.from({ length: 20 }, () => ({ does: 'refuse', class: 'dependency' }) as const),
    );
    const report = await stage.run(planOf([change('delete server/a', { id: a?.id ?? '' })]));
    expect(report.outcome).toBe('done');
    expect(stage.cloud.calls().filter(call => call.startsWith('delete'))).toHaveLength(21);
  });
});
