import { type Owner, ownerOf } from '../../schemas/owner.ts';
import {
  type CallContext,
  type CreateRequest,
  type DeleteRequest,
  type Outcome,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { capability } from './config.ts';
import { fault } from './faults.ts';
import { goalOf, goneGoal, tokenFor } from './goal.ts';
import type { Sight } from './kind.ts';
import { kindFor } from './kinds.ts';
import { advance, REFERENCE } from './steps.ts';

/** One request makes the object, with its labels in it. What is left to do then belongs to the polls. */
export async function create(ctx: CallContext, account: Account, request: CreateRequest): Promise<Outcome> {
  const rules = kindFor(request.kind);
  const what = `create ${request.kind}`;
  const goal = goalOf('create', request);
  const sight = await made(ctx, account, request);
  const { observed } = sight;
  if (observed.phase === 'failed')
    throw fault('partial', 'object_failed', what, { why: 'the creation failed in the cloud', partialId: observed.id });
  const later: Outcome = { status: 'pending', token: tokenFor(observed, goal, rules.pollMs) };
  if (sight.isBusy) return later;
  // From here on the object exists, so that a fault of looking what is left must not hide it.
  const isDone = await Promise.resolve(sight.toward(ctx, goal)).then(
    move => move === null,
    (error: unknown) => {
      if (error instanceof ProviderFault) return false;
      throw error;
    },
  );
  return isDone ? { status: 'done', object: observed } : later;
}

async function made(ctx: CallContext, account: Account, request: CreateRequest): Promise<Sight> {
  try {
    return await kindFor(request.kind).create(ctx, account, request);
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'not-found') throw error;
    throw fault('invalid-input', 'reference_not_found', `create ${request.kind}`, { why: REFERENCE });
  }
}

export async function update(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(ctx, account, request, 'update');
}

export async function adopt(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(ctx, account, request, 'adopt');
}

/** Brings an object to what was asked with as few requests as there are differences; none when it is already so. */
async function changed(
  ctx: CallContext,
  account: Account,
  request: UpdateRequest,
  verb: 'update' | 'adopt',
): Promise<Outcome> {
  const { kind, id } = request;
  const what = `${verb} ${kind}`;
  const rules = kindFor(kind);
  const goal = goalOf(verb, request);
  const sight = await rules.look(ctx, account, id);
  if (sight === null) throw fault('not-found', 'not_found', what);
  refuseForeign(sight, request, what, true);
  if (sight.isBusy) throw fault('locked', 'state', what, { why: 'UpCloud still works on it' });
  return advance(ctx, account, {
    kind,
    id,
    rules,
    sight,
    goal,
    what,
    accepted: `${verb}.accepted`,
  });
}

/** Looks whose it is before the first request: UpCloud deletes without any condition. */
export async function remove(ctx: CallContext, account: Account, request: DeleteRequest): Promise<Outcome> {
  const { kind, id } = request;
  const what = `delete ${kind}`;
  const rules = kindFor(kind);
  const sight = await rules.look(ctx, account, id);
  if (sight === null) return { status: 'gone' };
  refuseForeign(sight, request, what, false);
  if (sight.observed.protected) throw fault('protected', 'protected', what, { why: 'it is protected' });
  const goal = goneGoal(request);
  return advance(ctx, account, { kind, id, rules, sight, goal, what, accepted: 'delete.accepted' });
}

/** Objects that cannot carry labels are ours when our record has them, which is looked up before we are asked. */
export function refuseForeign(
  sight: Sight,
  request: { readonly kind: string; readonly owner: Owner },
  what: string,
  isFreeOurs: boolean,
): void {
  if (capability(request.kind)?.ownedBy === 'record') return;
  const found = ownerOf(sight.labels);
  if (found === null && isFreeOurs) return;
  if (found !== null && found.workspace === request.owner.workspace && found.lineage === request.owner.lineage) return;
  throw fault('forbidden', 'foreign_owner', what, { why: 'it belongs to another workspace' });
}
