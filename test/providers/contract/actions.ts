import { expect, it } from 'vitest';
import { ownerLabels, ownerOf } from '../../../schemas/owner.ts';
import type { Observed, UpdateRequest } from '../../../schemas/provider.ts';
import { bench, caught, isRepeatable, ofKind, statusOf } from './bench.ts';
import { subjectOf } from './subjects.ts';
import type { ContractWorld } from './world.ts';

/** What takes longer than its request. */
export function testActions(setup: () => ContractWorld): void {
  it('follows many actions, and tells of each what became of it', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const ids = b.prepare('server');
    const subject = subjectOf('server');
    world.actionsTake(3_000);
    const tokens = [];
    for (const name of ['a', 'b', 'c']) {
      const outcome = await connection.create(ctx, b.requestFor(subject, ids, name));
      if (outcome.status !== 'pending') throw new Error('the action was over at once');
      tokens.push(outcome.token);
    }
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['pending', 'pending', 'pending']);
    await world.clock.sleep(3_000);
    const results = await connection.poll(ctx, JSON.parse(JSON.stringify(tokens)));
    expect(results.map(statusOf)).toEqual(['done', 'done', 'done']);
    expect(results.map(result => (result as { object: Observed }).object.id)).toEqual(tokens.map(token => token.id));
  });

  it('resizes and deletes by actions', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    const made = await b.create(request);
    await b.settle();
    world.actionsTake(3_000);
    const spec = { ...request.spec, size: world.words.biggerSize };
    const update: UpdateRequest = { ...request, id: made.id, before: request.spec, spec, fields: ['size'] };
    const resizing = await connection.update(ctx, update);
    expect(resizing.status).toBe('pending');
    expect((await caught(world, connection.update(ctx, update))).class).toBe('locked');
    expect((await b.finish(resizing))?.spec['size']).toBe(world.words.biggerSize);
    const deleting = await connection.delete(ctx, { ...request, id: made.id });
    expect(deleting.status).toBe('pending');
    expect(await b.finish(deleting)).toBeNull();
    expect(ofKind(world, subjectOf('server'))).toEqual([]);
  });

  it('reports a creation that failed, with the object it left', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    world.actionsTake(2_000);
    const fired = world.arm({ fault: 'action-fails', asked: 'create' });
    const outcome = await connection.create(ctx, request);
    const error = await caught(world, b.finish(outcome));
    expect(error).toMatchObject({ class: 'partial', partialId: ofKind(world, subjectOf('server'))[0]?.id });
    expect(fired()).toBe(1);
    await b.settle();
    const [found] = await connection.find(ctx, request);
    expect(found?.phase).toBe('failed');
    expect(await b.finish(await connection.delete(ctx, { ...request, id: found?.id ?? '' }))).toBeNull();
  });

  it('keeps waiting for what never ends, and can still delete it', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    const fired = world.arm({ fault: 'action-stuck', asked: 'create' });
    const outcome = await connection.create(ctx, request);
    if (outcome.status !== 'pending') throw new Error('nothing is stuck');
    await world.clock.sleep(3_600_000);
    expect((await connection.poll(ctx, [outcome.token])).map(statusOf)).toEqual(['pending']);
    expect(fired()).toBe(1);
    const deleting = await connection.delete(ctx, { ...request, id: outcome.token.id });
    world.unstick?.(outcome.token.id);
    expect(await b.finish(deleting)).toBeNull();
    expect(ofKind(world, subjectOf('server'))).toEqual([]);
  });

  it('does not take silence about an action for its end', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const subject = subjectOf('server');
    const ids = b.prepare('server');
    world.actionsTake(1_000);
    const tokens = [];
    for (const name of ['a', 'b']) {
      const outcome = await connection.create(ctx, b.requestFor(subject, ids, name));
      if (outcome.status === 'pending') tokens.push(outcome.token);
    }
    await world.clock.sleep(1_000);
    const fired = world.arm({ fault: 'half-done', asked: 'poll' });
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['done', 'transient']);
    expect(fired()).toBe(1);
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['done', 'done']);
  });

  it('finds a creation that is under way after its answer was lost', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    world.actionsTake(15_000);
    const fired = world.arm({ fault: 'answer-lost', asked: 'create' });
    expect((await caught(world, connection.create(ctx, request))).class).toBe('unknown-outcome');
    await b.settle();
    const found = await connection.find(ctx, request);
    expect(found).toMatchObject([{ phase: 'pending', owner: ownerOf(ownerLabels(request.owner)) }]);
    expect(fired()).toBe(1);
    if (isRepeatable(world, 'server')) return;
    const again = await connection.create(ctx, request);
    expect(again).toMatchObject({ status: 'pending', token: { id: found[0]?.id } });
    expect((await b.finish(again))?.phase).toBe('ready');
  });
}
