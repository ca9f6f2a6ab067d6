import { sameJson } from '../../schemas/json.ts';
import type { KindName } from '../../schemas/name.ts';
import { ownerOf } from '../../schemas/owner.ts';
import { type Outcome, ProviderFault } from '../../schemas/provider.ts';
import { type Account, isFresh, notVisible } from './account.ts';
import type { Call } from './client.ts';
import { fault } from './errors.ts';
import { type Goal, tokenFor } from '../course/goal.ts';
import type { AwsKind, Sighting, Step } from './kind.ts';
import { isOurs, isProtected, observedOf } from './observed.ts';
import { retag } from './retag.ts';

/** Milliseconds between two looks. */
export const POLL_MS = 2_000;

/** Steps that one call of the port makes at most; the rest is done by poll. */
const MOST_STEPS = 12;

/** An object on its way to a goal. */
export interface Course {
  readonly account: Account;
  readonly kind: AwsKind;
  readonly object: { readonly kind: KindName; readonly id: string };
  readonly goal: Goal;
}

/** The object as it is now; undefined when there is none. */
export async function look(call: Call, { account, kind, object }: Course): Promise<Sighting | undefined> {
  const found = await kind.sight(call, account, { by: 'ids', ids: [object.id] });
  return found.find(one => one.id === object.id);
}

/**
 * Makes one step after the other, as far as that goes without waiting. Every step follows from a fresh look. Where a
 * look still shows what was there before the step, AWS is behind its own writes, and the rest is left to poll.
 */
export async function settle(call: Call, course: Course, first?: Sighting): Promise<Outcome> {
  const { object, goal } = course;
  const pending: Outcome = { status: 'pending', token: tokenFor(object, goal, POLL_MS) };
  let seen = first ?? (await look(call, course));
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (seen === undefined) return absent(call, course);
    const result = await stepOf(call, course, seen);
    if (result === 'done') return finished(course, seen);
    if (result === 'wait') return pending;
    const next = await look(call, course);
    if (next !== undefined && sameSight(seen, next)) return pending;
    seen = next;
  }
  return pending;
}

function finished({ account, object, goal }: Course, seen: Sighting): Outcome {
  if (goal.verb !== 'delete') return { status: 'done', object: observedOf(object.kind, seen) };
  account.fresh.delete(object.id);
  return { status: 'gone' };
}

function sameSight(a: Sighting, b: Sighting): boolean {
  return sameJson(a.tags, b.tags) && JSON.stringify(a) === JSON.stringify(b);
}

/** What an object that is not shown means: the end that was wanted, or one that AWS does not show yet, or one that is gone. */
export function absent(call: Call, course: Course): Outcome {
  const { account, object, goal } = course;
  if (goal.verb === 'delete') {
    account.fresh.delete(object.id);
    return { status: 'gone' };
  }
  const isYoung = call.ctx.world.clock.now() - goal.since < account.config.visibleAfterMs;
  throw isYoung || isFresh(call.ctx, account, object.id)
    ? notVisible(call.what)
    : fault('not-found', 'not_found', call.what);
}

/** One step to the goal. */
async function stepOf(call: Call, course: Course, seen: Sighting): Promise<Step> {
  const { account, kind, goal } = course;
  if (goal.verb === 'delete') {
    if (seen.ended !== true) assertRemovable(call.what, seen, goal);
    return kind.remove(call, account, seen);
  }
  if (ownerOf(seen.tags) !== null && !isOurs(seen, goal.owner)) throw foreign(call.what);
  if (seen.phase === 'failed') {
    throw fault('partial', 'object_failed', call.what, { why: 'the creation failed at AWS', partialId: seen.id });
  }
  if (seen.ended === true) throw fault('not-found', 'ended', call.what);
  if (await retag(call, account, { kind, seen, goal })) return 'wrote';
  return kind.converge(call, account, seen, goal);
}

/** Looks at the labels in the last moment, because AWS deletes without a condition. */
export function assertRemovable(what: string, seen: Sighting, goal: Pick<Goal, 'owner'>): void {
  if (!isOurs(seen, goal.owner)) throw foreign(what);
  if (isProtected(seen)) throw fault('protected', 'protected', what);
}

function foreign(what: string): ProviderFault {
  return fault('forbidden', 'foreign_owner', what, { why: 'it belongs to another workspace' });
}

/** What AWS says is not there is gone, whatever was to become of it. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  await write.catch((error: unknown) => {
    if (!(error instanceof ProviderFault) || error.error.class !== 'not-found') throw error;
  });
}
