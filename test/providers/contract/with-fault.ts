import { expect } from 'vitest';
import type { CreateRequest, Outcome, UpdateRequest } from '../../../schemas/provider.ts';
import { sameJson } from '../../../schemas/json.ts';
import { type Bench, caught, ofKind, updateFor } from './bench.ts';
import type { Expected, FaultCase } from './fault-table.ts';
import type { Subject } from './subjects.ts';

type Write = 'create' | 'update' | 'delete';

/** One call with one fault: what the caller is told, what really happened, and that the way back to certainty works. */
export async function withFault(
  b: Bench,
  subject: Subject,
  test: { asked: Write; one: FaultCase; expected: Expected },
): Promise<void> {
  const { world, ctx, connection } = b;
  const { asked, one, expected } = test;
  const ids = b.prepare(subject.kind);
  const request = b.requestFor(subject, ids);
  const made = asked === 'create' ? null : await b.create(request);
  await b.settle();
  const change = updateFor(world, subject, { request, ids, id: made?.id ?? '' });
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
    // Where a deletion takes several requests, the one that is struck may belong to a poll.
    const whole = async (): Promise<unknown> => (asked === 'delete' ? b.drive(ctx, await call(), true) : call());
    const error = await caught(world, whole());
    expect(error.class).toBe(expected.told);
    if (one.hint !== undefined) expect(error.retryAfterMs).toBe(one.hint === 'none' ? undefined : one.ms);
    if (expected.told === 'partial') expect(error.partialId).toBe(ofKind(world, subject)[0]?.id);
  }
  expect(fired()).toBe(1);
  await expectEffect(b, subject, { asked, change, happened: expected.effect });
  await b.settle();
  await recover(b, subject, { asked, request, change, partial: expected.told === 'partial' });
}

async function expectEffect(
  b: Bench,
  subject: Subject,
  test: { asked: Write; change: UpdateRequest; happened: boolean },
): Promise<void> {
  const objects = ofKind(b.world, subject);
  if (test.asked === 'create') expect(objects).toHaveLength(test.happened ? 1 : 0);
  if (test.asked === 'delete') expect(objects).toHaveLength(test.happened ? 0 : 1);
  if (test.asked === 'update') expect(await isChanged(b, subject, test.change)).toBe(test.happened);
}

/** Whether the cloud itself has the change. */
async function isChanged(b: Bench, subject: Subject, change: UpdateRequest): Promise<boolean> {
  const [field = ''] = change.fields;
  if (field === 'labels') return ofKind(b.world, subject)[0]?.labels['team'] === 'blue';
  const seen = await b.connection.read(b.ctx, change);
  return sameJson(seen?.spec[field], change.spec[field]);
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
    const [first] = found;
    // What is not complete is completed by nothing but looking after it.
    const watched = { kind: request.kind, id: first?.id ?? '', wait: null, pollMs: 1_000 };
    const whole = first?.phase === 'pending' ? await b.finish({ status: 'pending', token: watched }) : first;
    if (first !== undefined) expect(whole?.phase).toBe(test.partial ? 'failed' : 'ready');
  } else if (asked === 'update') {
    await b.finish(await connection.update(ctx, change));
    expect(await isChanged(b, subject, change)).toBe(true);
  } else {
    expect(await b.finish(await connection.delete(ctx, change))).toBeNull();
    expect(ofKind(world, subject)).toEqual([]);
  }
}
