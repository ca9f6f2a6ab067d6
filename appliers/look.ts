import { type Connection, type Observed, type ProviderError, ProviderFault } from '../schemas/provider.ts';
import { type Attempt, freeSlot, ownerOf, takeSlot } from './asking.ts';
import type { Course } from './course.ts';

/** What a look-up told. `at`: monotonic milliseconds at which it was asked. */
export type Look =
  | { readonly status: 'seen'; readonly found: readonly Observed[]; readonly at: number }
  /** Says nothing at all, least of all that there is nothing. */
  | { readonly status: 'blind'; readonly error: ProviderError }
  /** The provider cannot be asked at all in this run. */
  | { readonly status: 'cut'; readonly error: ProviderError }
  | { readonly status: 'stopped' };

/** What there is of a change whose outcome is unknown. */
export async function lookUp(attempt: Attempt): Promise<Look> {
  const { course, change } = attempt;
  const { world } = course.context;
  const connection = connectionOf(course, change.provider);
  if (connection instanceof ProviderFault) return { status: 'cut', error: connection.error };
  if (!(await takeSlot(attempt))) return { status: 'stopped' };
  try {
    await world.reach('lookup.before');
    const seen = await look(attempt, connection);
    await world.reach('lookup.after');
    return { status: 'seen', ...seen };
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const isCut = error.error.class === 'unauthenticated' || error.error.class === 'forbidden';
    return { status: isCut ? 'cut' : 'blind', error: error.error };
  } finally {
    freeSlot(attempt);
  }
}

/** The connection to a provider, or why there is none in this run. */
export function connectionOf(course: Course, provider: string): Connection | ProviderFault {
  try {
    return course.connection(provider);
  } catch (error) {
    if (error instanceof ProviderFault) return error;
    throw error;
  }
}

async function look(attempt: Attempt, connection: Connection): Promise<{ found: readonly Observed[]; at: number }> {
  const { course, change, intent } = attempt;
  const { context } = course;
  const at = context.world.clock.monotonic();
  const id = change.id ?? intent.id;
  // What a former process left is looked for in one listing for all of it.
  const asks = course.capability(change.provider, change.kind)?.idempotency === 'ask';
  const survey = attempt.sends > 0 || asks ? null : await course.survey(change.provider).since(attempt.looksFrom);
  if (change.action === 'create') {
    if (survey !== null) return { found: survey.byOperation.get(intent.opId) ?? [], at: survey.at };
    const request = { kind: change.kind, owner: ownerOf(attempt), spec: attempt.spec };
    return { found: await connection.find(context, request), at };
  }
  const listed = survey?.byId.get(`${change.kind} ${id}`);
  if (survey !== null && listed !== undefined) return { found: [listed], at: survey.at };
  const object = id === undefined ? null : await connection.read(context, { kind: change.kind, id });
  return { found: object === null ? [] : [object], at };
}
