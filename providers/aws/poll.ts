import { type CallContext, type Outcome, type PendingToken, ProviderFault } from '../../schemas/provider.ts';
import type { KindName } from '../../schemas/name.ts';
import { type Account, callOf } from './account.ts';
import { fault } from './errors.ts';
import { type Goal, goalIn, ownGoal } from '../course/goal.ts';
import type { Sighting } from './kind.ts';
import { kindFor } from './kinds.ts';
import { observedOf } from './observed.ts';
import { type Course, absent, settle } from './settle.ts';

type Result = Outcome | ProviderFault;

/** One look for all objects of a kind, and then for each the steps that it is ready for. */
export async function poll(
  ctx: CallContext,
  account: Account,
  tokens: readonly PendingToken[],
): Promise<readonly Result[]> {
  const kinds = new Map<KindName, Set<string>>();
  for (const { kind, id } of tokens) kinds.set(kind, (kinds.get(kind) ?? new Set()).add(id));
  const seen = new Map<string, Sighting>();
  for (const [kind, ids] of kinds) {
    const call = callOf(ctx, account, `wait for ${kind}`);
    const found = await kindFor(kind).sight(call, account, { by: 'ids', ids: [...ids] });
    for (const one of found) seen.set(`${kind} ${one.id}`, one);
  }
  const results: Result[] = [];
  for (const token of tokens) results.push(await resultOf(ctx, account, token, seen.get(`${token.kind} ${token.id}`)));
  return results;
}

async function resultOf(
  ctx: CallContext,
  account: Account,
  token: PendingToken,
  seen: Sighting | undefined,
): Promise<Result> {
  const { kind, id } = token;
  const call = callOf(ctx, account, `wait for ${kind}`);
  const goal = goalIn(token) ?? watching(kind, seen, ctx.world.clock.now());
  if (goal === null) return fault('transient', 'not_visible', call.what);
  const course: Course = { account, kind: kindFor(kind), object: { kind, id }, goal };
  try {
    return seen === undefined ? absent(call, course) : await settle(call, course, seen);
  } catch (error) {
    if (error instanceof ProviderFault) return error;
    throw error;
  }
}

/** A token without a goal watches an object until it is complete. */
function watching(kind: KindName, seen: Sighting | undefined, since: number): Goal | null {
  return seen === undefined ? null : ownGoal(observedOf(kind, seen), since);
}
