import type { KindName } from '../../schemas/name.ts';
import { type Owner, ownerOf } from '../../schemas/owner.ts';
import {
  type CallContext,
  type CreateRequest,
  type DeleteRequest,
  type Outcome,
  type PendingToken,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import { advance, REFERENCE } from './advance.ts';
import { type Goal, goalIn, goalOf, ownGoal, tokenFor } from './goal.ts';
import type { CourseCloud, Sight } from './sight.ts';

/** One request makes the object, with its labels in it. What is left to do then belongs to the polls. */
export async function create(ctx: CallContext, cloud: CourseCloud, request: CreateRequest): Promise<Outcome> {
  const rules = cloud.kindFor(request.kind);
  const what = `create ${request.kind}`;
  const { sight, actions } = await made(ctx, cloud, request);
  const { observed } = sight;
  if (observed.phase === 'failed') {
    const why = 'the creation failed in the cloud';
    throw cloud.fault('partial', 'object_failed', what, { why, partialId: observed.id });
  }
  const goal = { ...goalOf('create', request, moreOf(ctx, cloud, request)), actions };
  const later: Outcome = { status: 'pending', token: tokenFor(observed, goal, rules.pollMs) };
  if (sight.isBusy || actions.length > 0) return later;
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

function moreOf(ctx: CallContext, cloud: CourseCloud, request: CreateRequest | UpdateRequest) {
  const extra = cloud.extraOf?.(request);
  return { since: ctx.world.clock.now(), ...(extra === undefined ? {} : { extra }) };
}

async function made(ctx: CallContext, cloud: CourseCloud, request: CreateRequest) {
  try {
    return await cloud.kindFor(request.kind).create(ctx, request);
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'not-found') throw error;
    throw cloud.fault('invalid-input', 'reference_not_found', `create ${request.kind}`, { why: REFERENCE });
  }
}

/** Brings an object to what was asked with as few requests as there are differences; none when it is already so. */
export async function change(
  ctx: CallContext,
  cloud: CourseCloud,
  request: UpdateRequest,
  verb: 'update' | 'adopt',
): Promise<Outcome> {
  const { kind, id } = request;
  const what = `${verb} ${kind}`;
  const rules = cloud.kindFor(kind);
  const sight = await rules.look(ctx, id);
  if (sight === null) throw cloud.fault('not-found', 'not_found', what);
  refuseForeign(cloud, { kind, sight, owner: request.owner, what, isFreeOurs: true });
  if (sight.isBusy) throw cloud.fault('locked', 'busy', what);
  const goal = { ...goalOf(verb, request, moreOf(ctx, cloud, request)), isRunning: sight.isRunning };
  const accepted = `${verb}.accepted` as const;
  return advance(ctx, { cloud, kind, id, rules, sight, goal, what, accepted });
}

/** Looks whose it is before the first request, for a cloud that deletes without any condition. */
export async function remove(ctx: CallContext, cloud: CourseCloud, request: DeleteRequest): Promise<Outcome> {
  const { kind, id } = request;
  const what = `delete ${kind}`;
  const rules = cloud.kindFor(kind);
  const sight = await rules.look(ctx, id);
  if (sight === null) return { status: 'gone' };
  refuseForeign(cloud, { kind, sight, owner: request.owner, what, isFreeOurs: false });
  if (sight.observed.protected) throw cloud.fault('protected', 'protected', what);
  const goal = goalOf('delete', request, { since: ctx.world.clock.now() });
  return advance(ctx, { cloud, kind, id, rules, sight, goal, what, accepted: 'delete.accepted' });
}

/** Looks at the object of a token and takes the next steps towards its goal. What it waits for has ended. */
export async function resume(
  ctx: CallContext,
  cloud: CourseCloud,
  token: PendingToken,
): Promise<Outcome | ProviderFault> {
  const { kind, id } = token;
  const what = `wait for ${kind}`;
  const told = goalIn(token);
  if (told === undefined && token.wait !== null)
    return cloud.fault('bug', 'unreadable_token', what, { why: 'the token holds no goal' });
  try {
    const rules = cloud.kindFor(kind);
    const sight = await rules.look(ctx, id);
    if (sight === null) return absent(cloud, told, what);
    // Nobody remembers what was wanted: the object itself tells what is missing of its creation.
    const goal = told ?? ownGoal(sight.observed, ctx.world.clock.now());
    if (goal === null) return cloud.fault('forbidden', 'foreign_owner', what);
    refuseForeign(cloud, { kind, sight, owner: goal.owner, what, isFreeOurs: true });
    if (sight.observed.protected && goal.verb === 'delete') return cloud.fault('protected', 'protected', what);
    if (sight.observed.phase === 'failed' && goal.verb !== 'delete') return failure(cloud, { goal, id, what });
    if (sight.isBusy && goal.verb !== 'delete') return { status: 'pending', token };
    const accepted = goal.verb === 'delete' ? ({ accepted: 'delete.accepted' } as const) : {};
    return await advance(ctx, { cloud, kind, id, rules, sight, goal, what, ...accepted });
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    // Something else works on it, or a step got no answer: both are seen by the next look.
    const passes = error.error.class === 'locked' || error.error.class === 'unknown-outcome';
    return passes && told?.verb !== 'delete' ? { status: 'pending', token } : error;
  }
}

function absent(cloud: CourseCloud, goal: Goal | undefined, what: string): Outcome | ProviderFault {
  if (goal?.verb === 'delete') return { status: 'gone' };
  return cloud.fault('not-found', 'not_found', what);
}

/** What a failed creation or change of an object means: a creation leaves an object whose id must not be lost. */
export function failure(
  cloud: CourseCloud,
  of: { readonly goal: Goal; readonly id: string; readonly what: string; readonly code?: string },
): ProviderFault {
  const code = of.code ?? 'object_failed';
  const why = `the ${of.goal.verb === 'create' ? 'creation' : 'change'} failed in the cloud`;
  if (of.goal.verb !== 'create') return cloud.fault('state', code, of.what, { why });
  return cloud.fault('partial', code, of.what, { why, partialId: of.id });
}

function refuseForeign(
  cloud: CourseCloud,
  of: {
    readonly kind: KindName;
    readonly sight: Sight;
    readonly owner: Owner;
    readonly what: string;
    readonly isFreeOurs: boolean;
  },
): void {
  if (cloud.isRecorded?.(of.kind) === true) return;
  const found = ownerOf(of.sight.labels);
  if (found === null && of.isFreeOurs) return;
  if (found !== null && found.workspace === of.owner.workspace && found.lineage === of.owner.lineage) return;
  throw cloud.fault('forbidden', 'foreign_owner', of.what, { why: 'it belongs to another workspace' });
}
