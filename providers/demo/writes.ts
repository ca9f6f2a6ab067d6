import { sameJson } from '../../schemas/json.ts';
import { cloudName, type Owner, LABEL, ownerLabels, ownerOf, workspaceLabel } from '../../schemas/owner.ts';
import {
  type CallContext,
  type CreateRequest,
  type DeleteRequest,
  type Outcome,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import { type Account, absent, kindFor } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { mergedLabels, userLabels } from '../transport/labels.ts';
import { observedOf, outcomeOf, pendingToken } from './observed.ts';
import { listed, readObject } from './reads.ts';
import { type CloudObject, DeleteReply, WriteReply } from './replies.ts';

export async function create(ctx: CallContext, account: Account, request: CreateRequest): Promise<Outcome> {
  const { kind, owner, spec } = request;
  const rules = kindFor(kind);
  const fields = rules.encode(kind, spec, [...Object.keys(spec), 'type']);
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  const what = `create ${kind}`;
  try {
    const reply = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: `/${rules.collection}`,
      idempotencyKey: owner.opId,
      accepted: 'create.accepted',
      reply: WriteReply,
      body: {
        ...Object.fromEntries(given),
        name: cloudName(owner),
        labels: { ...userLabels(spec), ...ownerLabels(owner) },
        protection: request.protect,
      },
    });
    return created(reply.object, what, object => object.kind === kind && ownerOf(object.labels)?.opId === owner.opId);
  } catch (error) {
    const taken = error instanceof ProviderFault && error.error.code === 'uniqueness_error';
    // A look that fails must not pass for the answer to the create: the name is taken, and by whom is not known.
    const mine = taken ? await namesake(ctx, account, request).catch(() => undefined) : undefined;
    if (mine === undefined) throw error;
    return created(mine, what, () => true);
  }
}

/** As `settled`, but an object that can never be used is a fault that carries its id. */
function created(object: CloudObject, what: string, isRight: (object: CloudObject) => boolean): Outcome {
  const outcome = settled(object, what, isRight);
  if (outcome.status !== 'done' || outcome.object.phase !== 'failed') return outcome;
  throw fault('partial', 'object_failed', what, { why: 'the creation failed in the cloud', partialId: object.id });
}

/** The object that has our name, when an earlier delivery of this very create made it. */
async function namesake(ctx: CallContext, account: Account, request: CreateRequest): Promise<CloudObject | undefined> {
  const objects = await listed(ctx, account, [
    ['kind', request.kind],
    ['name', cloudName(request.owner)],
  ]);
  return objects.find(object => isOurs(object, request.owner) && ownerOf(object.labels)?.opId === request.owner.opId);
}

/** The outcome of a write from the object in its answer. An answer about something else leaves the outcome unknown. */
function settled(object: CloudObject, what: string, isRight: (object: CloudObject) => boolean): Outcome {
  const observed = observedOf(object);
  if (observed === undefined || !isRight(object)) {
    throw fault('unknown-outcome', 'unreadable_reply', what, { why: 'the reply is about another object' });
  }
  return outcomeOf(object, observed);
}

function isOurs(object: CloudObject, owner: Owner): boolean {
  const found = ownerOf(object.labels);
  return found !== null && found.workspace === owner.workspace && found.lineage === owner.lineage;
}

export async function update(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(ctx, account, { request, what: `update ${request.kind}`, accepted: 'update.accepted' });
}

export async function adopt(ctx: CallContext, account: Account, request: UpdateRequest): Promise<Outcome> {
  return changed(ctx, account, { request, what: `adopt ${request.kind}`, accepted: 'adopt.accepted' });
}

interface Changing {
  readonly request: UpdateRequest;
  readonly what: string;
  readonly accepted: 'update.accepted' | 'adopt.accepted';
}

/** Brings an object to what was asked with as few writes as there are differences; none when it is already so. */
async function changed(ctx: CallContext, account: Account, change: Changing): Promise<Outcome> {
  const { request, what } = change;
  const rules = kindFor(request.kind);
  const current = await readObject(ctx, account, request);
  if (current === null) throw absent(account, what);
  if (ownerOf(current.labels) !== null && !isOurs(current, request.owner)) throw foreign(what);
  let object = current;
  const path = `/${rules.collection}/${encodeURIComponent(request.id)}`;
  const write = async (method: 'PATCH' | 'POST', at: string, body: unknown): Promise<void> => {
    const reply = await ask(ctx, account.client, {
      what,
      method,
      path: at,
      body,
      accepted: change.accepted,
      reply: WriteReply,
    });
    if (reply.object.id !== request.id) {
      throw fault('unknown-outcome', 'unreadable_reply', what, { why: 'the reply is about another object' });
    }
    object = reply.object;
  };
  const patch = patchFor(request, current);
  if (Object.keys(patch).length > 0) await write('PATCH', path, patch);
  const sized = request.fields.filter(field => rules.resized.includes(field) && (request.spec[field] ?? null) !== null);
  const resize = rules.encode(request.kind, request.spec, sized);
  if (differs(resize, current)) await write('POST', `${path}/actions/resize`, resize);
  return settled(object, what, () => true);
}

/** What PATCH must set: the fields that differ, and name, labels and protection where they do. */
function patchFor(request: UpdateRequest, current: CloudObject): { readonly [field: string]: unknown } {
  const rules = kindFor(request.kind);
  const fields = request.fields.filter(field => field !== 'labels' && !rules.resized.includes(field));
  const wanted = rules.encode(request.kind, request.spec, fields);
  const labels = mergedLabels(current.labels, { ...request, relabel: request.fields.includes('labels') });
  const name = nameFor(request, current);
  return {
    ...(differs(wanted, current) ? wanted : {}),
    ...(sameJson(labels, current.labels) ? {} : { labels }),
    ...(name === current.name ? {} : { name }),
    ...(request.protect === current.protection ? {} : { protection: request.protect }),
  };
}

/** An object that carries the name we gave it follows its address; one that somebody else named keeps that name. */
function nameFor(request: UpdateRequest, current: CloudObject): string {
  const former = ownerOf(current.labels);
  if (former === null || former.address === '' || current.name !== cloudName(former)) return current.name;
  return cloudName(request.owner);
}

function differs(wanted: { readonly [field: string]: unknown }, current: CloudObject): boolean {
  return Object.keys(wanted).some(field => !sameJson(wanted[field], current.fields[field] ?? null));
}

function foreign(what: string): ProviderFault {
  return fault('forbidden', 'foreign_owner', what, { why: 'it belongs to another workspace' });
}

/**
 * Deletes only under the condition that the labels name our workspace, which the cloud itself checks in the same
 * request: nobody can take the object over in between. What is attached is let go first, as the plan's order implies.
 */
export async function remove(ctx: CallContext, account: Account, request: DeleteRequest): Promise<Outcome> {
  const rules = kindFor(request.kind);
  const what = `delete ${request.kind}`;
  const { workspace, lineage } = request.owner;
  const query = new URLSearchParams([
    ['if_label', `${LABEL.workspace}=${workspaceLabel(workspace)}`],
    ['if_label', `${LABEL.lineage}=${lineage}`],
  ]);
  if (rules.attachedBy !== undefined) query.set('detach', 'true');
  const path = `/${rules.collection}/${encodeURIComponent(request.id)}`;
  try {
    const { action } = await ask(ctx, account.client, {
      what,
      method: 'DELETE',
      path: `${path}?${query}`,
      accepted: 'delete.accepted',
      reply: DeleteReply,
    });
    if (action === null) return { status: 'gone' };
    return { status: 'pending', token: pendingToken(request, { action: action.id, gone: true }) };
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'not-found') return { status: 'gone' };
    if (error instanceof ProviderFault && error.error.code === 'label_mismatch') throw foreign(what);
    throw error;
  }
}
