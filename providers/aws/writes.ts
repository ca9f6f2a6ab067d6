import { LABEL } from '../../schemas/owner.ts';
import {
  type CallContext,
  type CreateRequest,
  type DeleteRequest,
  type Outcome,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import { userLabels } from '../transport/labels.ts';
import { type Account, callOf, invalid, isFresh, notVisible } from './account.ts';
import type { Call } from './client.ts';
import { fault } from './errors.ts';
import { goalOf, tokenFor } from '../course/goal.ts';
import type { Sighting } from './kind.ts';
import { kindFor } from './kinds.ts';
import { isOurs } from './observed.ts';
import { traces } from './reads.ts';
import { type Course, POLL_MS, assertRemovable, look, settle } from './settle.ts';
import { TAG } from './tags.ts';

/** Makes the object with one write. What must follow is done at once as far as that goes, and else by poll. */
export async function create(ctx: CallContext, account: Account, request: CreateRequest): Promise<Outcome> {
  const what = `create ${request.kind}`;
  const call = callOf(ctx, account, what, { point: 'create.accepted', on: 'main' });
  assertLabels(what, request);
  const kind = kindFor(request.kind);
  const goal = goalOf('create', request, { since: ctx.world.clock.now() });
  const id = await made(call, account, request);
  account.fresh.set(id, ctx.world.clock.monotonic());
  const course: Course = { account, kind, object: { kind: request.kind, id }, goal };
  try {
    return await settle(call, course);
  } catch (error) {
    // The object exists: whatever went wrong after that is met again by poll, and does not hide its id.
    if (error instanceof ProviderFault && error.error.partialId === undefined) {
      return { status: 'pending', token: tokenFor(course.object, goal, POLL_MS) };
    }
    throw error;
  }
}

/** Codes by which AWS says that an earlier delivery of this very create, or somebody else, was first. */
const TAKEN: ReadonlySet<string> = new Set(['already-exists', 'bug']);

async function made(call: Call, account: Account, request: CreateRequest): Promise<string> {
  try {
    return await kindFor(request.kind).create(call, account, request);
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'not-found')
      throw noReference(call, account, request, error);
    const isTaken = error instanceof ProviderFault && TAKEN.has(error.error.class);
    // A look that fails must not pass for the answer to the create: the name is taken, and by whom is not known.
    const mine = isTaken ? await namesake(call, account, request).catch(() => undefined) : undefined;
    if (mine === undefined) throw error;
    return mine.id;
  }
}

/** What a new object refers to is not there: AWS does not show it yet, or it never will. */
function noReference(call: Call, account: Account, { spec }: CreateRequest, error: ProviderFault): ProviderFault {
  const named = Object.values(spec).flat();
  if (named.some(id => typeof id === 'string' && isFresh(call.ctx, account, id))) return notVisible(call.what);
  const { status, code } = error.error;
  const why = 'what it refers to is not there';
  return fault('invalid-input', code, call.what, { why, ...(status === undefined ? {} : { status }) });
}

async function namesake(call: Call, account: Account, request: CreateRequest): Promise<Sighting | undefined> {
  const { owner } = request;
  const found = await traces(call, account, { kind: request.kind, owner });
  return found.find(seen => isOurs(seen, owner) && seen.tags[LABEL.operation] === owner.opId);
}

/** The tag Name is the object's name, and everything that starts with `aws:` is kept by AWS itself. */
function assertLabels(what: string, request: CreateRequest): void {
  const taken = Object.keys(userLabels(request.spec)).find(key => key === TAG.name || /^aws[:/]/i.test(key));
  if (taken !== undefined) throw invalid(what, 'reserved_label', `AWS keeps the label ${taken} for itself`);
}

export async function update(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(callOf(ctx, account, `update ${request.kind}`, { point: 'update.accepted', on: 'any' }), account, {
    request,
    verb: 'update',
  });
}

export async function adopt(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(callOf(ctx, account, `adopt ${request.kind}`, { point: 'adopt.accepted', on: 'any' }), account, {
    request,
    verb: 'adopt',
  });
}

/** Brings an object to what was asked with as few writes as there are differences; none when it is already so. */
async function changed(
  call: Call,
  account: Account,
  { request, verb }: { readonly request: UpdateRequest; readonly verb: 'update' | 'adopt' },
): Promise<Outcome> {
  assertLabels(call.what, request);
  const goal = goalOf(verb, request, { since: call.ctx.world.clock.now() });
  const object = { kind: request.kind, id: request.id };
  const course: Course = { account, kind: kindFor(request.kind), object, goal };
  const seen = await look(call, course);
  if (seen?.busy === true) throw fault('locked', 'busy', call.what);
  return settle(call, course, seen);
}

/** Looks first whose it is. What is absent is deleted, unless this process made it a moment ago. */
export async function remove(ctx: CallContext, account: Account, request: DeleteRequest): Promise<Outcome> {
  const { kind, id } = request;
  const call = callOf(ctx, account, `delete ${kind}`, { point: 'delete.accepted', on: 'main' });
  const goal = goalOf('delete', request, { since: ctx.world.clock.now() });
  const course: Course = { account, kind: kindFor(kind), object: { kind, id }, goal };
  const seen = await look(call, course);
  if (seen === undefined) {
    if (isFresh(ctx, account, id)) throw notVisible(call.what);
    return { status: 'gone' };
  }
  if (seen.ended !== true) assertRemovable(call.what, seen, goal);
  return settle(call, course, seen);
}
