import { type Observed, ProviderFault } from '../schemas/provider.ts';
import { type Attempt, ownerOf } from './asking.ts';

/** Pause in milliseconds after a look-up that failed; it doubles up to the second. */
const AGAIN_MS = 500;
const AGAIN_MOST_MS = 15_000;

/** Look-ups in a row that may fail before the change is left to the next run. */
export const BLIND_MOST = 10;

/**
 * What there is of a change whose outcome is unknown. Only a look-up that succeeded says anything: after a failed one
 * null is answered and nothing may be sent.
 */
export async function lookUp(attempt: Attempt): Promise<readonly Observed[] | null> {
  const { course, change, intent } = attempt;
  const { world } = course.context;
  await course.slots.take(change.provider, attempt.priority);
  try {
    await world.reach('lookup.before');
    const connection = course.connection(change.provider);
    const found = await look(attempt, connection, change.id ?? intent.id);
    await world.reach('lookup.after');
    attempt.blind = 0;
    return found;
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    attempt.blind += 1;
    const ms = Math.max(
      AGAIN_MS,
      error.error.retryAfterMs ?? Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** Math.min(attempt.blind, 6)),
    );
    course.tell(change, 'retrying', { retryMs: ms, why: error.error.message });
    await world.clock.sleep(ms, course.context.signal);
    return null;
  } finally {
    course.slots.free(change.provider);
  }
}

async function look(
  { course, change, ...rest }: Attempt,
  connection: ReturnType<Attempt['course']['connection']>,
  id: string | undefined,
): Promise<readonly Observed[]> {
  const { context } = course;
  if (change.action === 'create') {
    return connection.find(context, { kind: change.kind, owner: ownerOf({ course, change, ...rest }) });
  }
  const object = id === undefined ? null : await connection.read(context, { kind: change.kind, id });
  return object === null ? [] : [object];
}
