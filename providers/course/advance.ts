import type { Failpoint } from '../../schemas/failpoint.ts';
import type { KindName } from '../../schemas/name.ts';
import { type CallContext, type Outcome, ProviderFault } from '../../schemas/provider.ts';
import { type Goal, tokenFor } from './goal.ts';
import type { CourseCloud, CourseKind, Move, Sight, Step } from './sight.ts';

/** An object on its way to a goal. */
export interface Way {
  readonly cloud: CourseCloud;
  readonly kind: KindName;
  readonly id: string;
  readonly rules: CourseKind;
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
export async function advance(ctx: CallContext, way: Way): Promise<Outcome> {
  let { sight, accepted, goal } = way;
  for (let taken = 0; taken < MOST_STEPS; taken += 1) {
    const move = await nextMove(ctx, sight, goal);
    if (move === null) return { status: 'done', object: sight.observed };
    if (move === 'wait') return pending(ctx, { ...way, goal }, []);
    if (move.hardAfter !== undefined) goal = { ...goal, hardAfter: move.hardAfter };
    // Of a deletion, the request that deletes is the one that counts, not those that make room for it.
    const counts = way.goal.verb !== 'delete' || move.isEnd === true;
    const actions = await take(ctx, way, { move, accepted: counts ? accepted : undefined });
    if (counts) accepted = undefined;
    if (actions.length > 0) return pending(ctx, { ...way, goal }, actions);
    if (move.isEnd === true)
      return way.rules.lingers === true ? pending(ctx, { ...way, goal }, []) : { status: 'gone' };
    const next = await looked(ctx, way);
    if (next === null) return pending(ctx, { ...way, goal }, []);
    sight = next;
  }
  return pending(ctx, { ...way, goal }, []);
}

function nextMove(ctx: CallContext, sight: Sight, goal: Goal): Move | Promise<Move> {
  return goal.verb === 'delete' ? sight.away(ctx, goal) : sight.toward(ctx, goal);
}

/** Said when a request names another object that is not there. */
export const REFERENCE = 'something that it refers to does not exist';

async function take(
  ctx: CallContext,
  { cloud, goal, what }: Way,
  step: { readonly move: Step; readonly accepted: Failpoint | undefined },
): Promise<readonly string[]> {
  try {
    return await step.move.send(ctx, step.accepted);
  } catch (error) {
    const isAbsent = error instanceof ProviderFault && error.error.class === 'not-found';
    // What is to be deleted and is not there is deleted; of anything else, a part that it refers to is missing.
    if (isAbsent && goal.verb === 'delete') return [];
    if (isAbsent) throw cloud.fault('invalid-input', 'reference_not_found', what, { why: REFERENCE });
    throw error;
  }
}

/** The object after a step; null when it cannot be seen just now, which must not hide that the step was taken. */
async function looked(ctx: CallContext, way: Way): Promise<Sight | null> {
  try {
    return await way.rules.look(ctx, way.id);
  } catch (error) {
    if (error instanceof ProviderFault) return null;
    throw error;
  }
}

function pending(ctx: CallContext, way: Way, actions: readonly string[]): Outcome {
  const goal = { ...way.goal, actions, since: ctx.world.clock.now() };
  return { status: 'pending', token: tokenFor(way, goal, way.rules.pollMs) };
}
