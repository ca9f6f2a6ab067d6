import { Fault } from '../schemas/fault.ts';
import type { Connection, Outcome } from '../schemas/provider.ts';
import { type Attempt, beforeOf, ownerOf } from './asking.ts';

/** Sends the one call of a change. The call is marked as sent before, and refused when the lease is no longer fresh. */
export async function send(attempt: Attempt, connection: Connection): Promise<Outcome> {
  const { course, change } = attempt;
  const { writer, context } = course;
  const { world } = context;
  const action = change.action === 'forget' ? 'delete' : change.action;
  if (attempt.intent.graceFrom !== undefined) attempt.intent = await course.intents.endGrace(attempt.intent);
  await writer.markSent(change.key);
  await world.reach(`${action}.send.before`);
  if (!writer.alive()) {
    const fix = 'run the same command again';
    const problem = { id: 'ST-LEASE', what: 'the lease was not renewed in time', fix };
    throw new Fault('locked', problem, { nothingChanged: false });
  }
  attempt.sends += 1;
  // A call that is still on its way when nobody waits for its answer any more is not older than this moment.
  const outcome = await call(attempt, connection).finally(() => {
    attempt.countsFrom = world.clock.monotonic();
  });
  await world.reach(`${action}.answered`);
  return outcome;
}

function call(attempt: Attempt, connection: Connection): Promise<Outcome> {
  const { course, change, spec } = attempt;
  const { context } = course;
  const owner = ownerOf(attempt);
  const request = { kind: change.kind, owner, spec, protect: change.protect ?? false };
  const id = change.id ?? '';
  switch (change.action) {
    case 'create':
      return connection.create(context, request);
    case 'delete':
    case 'forget':
      return connection.delete(context, { kind: change.kind, id, owner });
    case 'adopt':
    case 'update': {
      const fields = [...new Set(change.fields.map(field => field.path.split('.')[0] ?? field.path))];
      const update = { ...request, id, before: beforeOf(attempt), fields };
      return change.action === 'adopt' ? connection.adopt(context, update) : connection.update(context, update);
    }
  }
}
