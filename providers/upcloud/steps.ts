import type { CallContext, Outcome } from '../../schemas/provider.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import type { Failpoint } from '../../schemas/failpoint.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { type Goal, tokenFor } from './goal.ts';
import type { Move, Sight, Step, UpcloudKind } from './kind.ts';

/** An object on its way to a goal. */
export interface Way {
  readonly kind: KindName;
  readonly id: string;
  readonly rules: UpcloudKind;
  readonly sight: Sight;
  readonly goal: Goal;
  readonly what: string;
  /** Reached with the first request that counts as the whole verb. */
  readonly accepted?: Failpoint;
}

/** More requests than any goal needs at once; what is left then goes on with the next poll. */
const MOST_STEPS = 40;

/**
 * Takes one step after the other as long as none of them has to be waited for. After each one the object is looked at
 * again: the next step follows from what it is, never from what was done before.
 */
export async function advance(ctx: CallContext, account: Account, way: Way): Promise<Outcome> {
  let { sight, goal, accepted } = way;
  for (let taken = 0; taken < MOST_STEPS; taken += 1) {
    const move = await nextMove(ctx, sight, goal);
    if (move === null) return { status: 'done', object: sight.observed };
    if (move === 'wait') return pending(way, goal);
    if (move.hardAfter !== undefined) goal = { ...goal, hardAfter: move.hardAfter };
    const isEnd = move.method === 'DELETE' && goal.verb === 'delete';
    // Of a deletion, the request that deletes is the one that counts, not those that make room for it.
    const counts = goal.verb === 'delete' ? isEnd : true;
    await take(ctx, account, { move, way, accepted: counts ? accepted : undefined });
    if (counts) accepted = undefined;
    if (isEnd && way.rules.lingers !== true) return { status: 'gone' };
    if (isEnd) return pending(way, goal);
    const next = await looked(ctx, account, way);
    if (next === null) return pending(way, goal);
    sight = next;
  }
  return pending(way, goal);
}

function nextMove(ctx: CallContext, sight: Sight, goal: Goal): Move | Promise<Move> {
  return goal.verb === 'delete' ? sight.away(ctx, goal) : sight.toward(ctx, goal);
}

async function take(
  ctx: CallContext,
  account: Account,
  step: { readonly move: Step; readonly way: Way; readonly accepted: Failpoint | undefined },
): Promise<void> {
  const { method, path, body, reply } = step.move;
  try {
    await ask(ctx, account.client, {
      what: step.way.what,
      method,
      path,
      reply,
      ...(body === undefined ? {} : { body }),
      ...(step.accepted === undefined ? {} : { accepted: step.accepted }),
    });
  } catch (error) {
    const isAbsent = error instanceof ProviderFault && error.error.class === 'not-found';
    // What is to be deleted and is not there is deleted; of anything else, a part that it refers to is missing.
    if (isAbsent && step.way.goal.verb === 'delete') return;
    if (isAbsent) throw fault('invalid-input', 'reference_not_found', step.way.what, { why: REFERENCE });
    throw error;
  }
}

/** Said when a request names another object that is not there. */
export const REFERENCE = 'something that it refers to does not exist';

/** The object after a step; null when it cannot be seen just now, which must not hide that the step was taken. */
async function looked(ctx: CallContext, account: Account, way: Way): Promise<Sight | null> {
  try {
    return await way.rules.look(ctx, account, way.id);
  } catch (error) {
    if (error instanceof ProviderFault) return null;
    throw error;
  }
}

function pending(way: Way, goal: Goal): Outcome {
  return { status: 'pending', token: tokenFor(way, goal, way.rules.pollMs) };
}
