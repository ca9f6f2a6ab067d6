import { expect } from 'vitest';
import type { CreateRequest, Outcome, UpdateRequest } from '../../../schemas/provider.ts';
import { type Bench, caught, ofKind } from './bench.ts';
import type { Expected, FaultCase } from './fault-table.ts';
import type { Subject } from './subjects.ts';
import type { ContractWorld } from './world.ts';

type Write = 'create' | 'update' | 'delete';

/** One call with one fault: what the caller is told, what really happened, and that the way back to certainty works. */
export async function withFault(
  b: Bench,
  subject: Subject,
  test: { asked: Write; one: FaultCase; expected: Expected },
): Promise<void> {
  const { world, ctx, connection } = b;
  const { asked, one, expected } = test;
  const request = b.requestFor(subject, b.prepare(subject.kind));
  const made = asked === 'create' ? null : await b.create(request);
  await b.settle();
  const spec = { ...request.spec, labels: { team: 'blue' } };
  const change: UpdateRequest = { ...request, id: made?.id ?? '', before: request.spec, spec, fields: ['labels'] };
  const call = (): Promise<Outcome> =>
    asked === 'create'
      ? connection.create(ctx, request)
      : asked === 'update'
        ? connection.update(ctx, change)
        : connection.delete(ctx, change);
  const fired = world.arm({
    fault: one.fault,
    asked,
    ...(one.ms === undefined ? {} : { ms: one.ms }),
    ...(one.hint === undefined ? {} : { hint: one.hint }),
  });
  if (expected.told === 'done') {
    await b.finish(await call());
  } else {
    const error = await caught(world, call());
    expect(error.class).toBe(expected.told);
    if (one.hint !== undefined) expect(error.retryAfterMs).toBe(one.hint === 'none' ? undefined : one.ms);
    if (expected.told === 'partial') expect(error.partialId).toBe(ofKind(world, subject)[0]?.id);
  }
  expect(fired()).toBe(1);
  expectEffect(world, subject, { asked, happened: expected.effect });
  await b.settle();
  await recover(b, subject, { asked, request, change, partial: expected.told === 'partial' });
}

function expectEffect(world: ContractWorld, subject: Subject, test: { asked: Write; happened: boolean }): void {
  const objects = ofKind(world, subject);
  if (test.asked === 'create') expect(objects).toHaveLength(test.happened ? 1 : 0);
  if (test.asked === 'delete') expect(objects).toHaveLength(test.happened ? 0 : 1);
  if (test.asked === 'update') expect(objects[0]?.labels['team']).toBe(test.happened ? 'blue' : undefined);
}

/** What the engine does after a fault: look, and send again only what is proved to be missing. */
async function recover(
  b: Bench,
  subject: Subject,
  test: { asked: Write; request: CreateRequest; change: UpdateRequest; partial: boolean },
): Promise<void> {
  const { world, ctx, connection } = b;
  const { asked, request, change } = test;
  if (asked === 'create') {
    const found = await connection.find(ctx, request);
    expect(found.map(object => object.id)).toEqual(ofKind(world, subject).map(object => object.id));
    if (found.length === 0) await b.create(request);
    expect(ofKind(world, subject)).toHaveLength(1);
    if (found.length > 0) expect(found[0]?.phase).toBe(test.partial ? 'failed' : 'ready');
  } else if (asked === 'update') {
    await b.finish(await connection.update(ctx, change));
    expect(ofKind(world, subject)[0]?.labels['team']).toBe('blue');
  } else {
    expect(await b.finish(await connection.delete(ctx, change))).toBeNull();
    expect(ofKind(world, subject)).toEqual([]);
  }
}
