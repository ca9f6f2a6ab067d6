import type { KindName, WorkspaceKey } from '../../schemas/name.ts';
import { LABEL, type Owner, cloudName, workspaceLabel } from '../../schemas/owner.ts';
import type { CallContext, Observed } from '../../schemas/provider.ts';
import { type Account, callOf, isFresh, notVisible } from './account.ts';
import type { Call } from './client.ts';
import { idempotencyOf } from './config.ts';
import type { Sighting, Where } from './kind.ts';
import { KINDS, kindFor } from './kinds.ts';
import { observedOf } from './observed.ts';

/** All objects of one workspace. An object that carries its tags as a part of another one is shown with that one. */
export async function list(ctx: CallContext, account: Account, workspace: WorkspaceKey): Promise<readonly Observed[]> {
  const where = { by: 'tag', key: LABEL.workspace, value: workspaceLabel(workspace) } as const;
  return everything(callOf(ctx, account, 'list objects'), account, where);
}

export async function scan(ctx: CallContext, account: Account): Promise<readonly Observed[]> {
  return everything(callOf(ctx, account, 'list all objects'), account, { by: 'all' });
}

/** One kind after the other: a listing that is refused half-way has cost no more calls than it needed. */
async function everything(call: Call, account: Account, where: Where): Promise<readonly Observed[]> {
  const all: Observed[] = [];
  for (const [kind, rules] of Object.entries(KINDS)) {
    const found = await rules.sight(call, account, where);
    all.push(...found.filter(seen => seen.ended !== true).map(seen => observedOf(kind, seen)));
  }
  return all;
}

/** What an earlier attempt of the operation may have left: by its token and its label, and by its name where names are unique. */
export async function find(
  ctx: CallContext,
  account: Account,
  request: { readonly kind: KindName; readonly owner: Owner },
): Promise<readonly Observed[]> {
  const { kind, owner } = request;
  const found = await traces(callOf(ctx, account, `find ${kind}`), account, { kind, owner });
  return found.map(seen => observedOf(kind, seen));
}

/** Sightings of everything that could have come of an operation. */
export async function traces(
  call: Call,
  account: Account,
  { kind, owner }: { readonly kind: KindName; readonly owner: Owner },
): Promise<readonly Sighting[]> {
  const ways: Where[] = [{ by: 'tag', key: LABEL.operation, value: owner.opId }];
  if (idempotencyOf(kind) === 'client-token') ways.push({ by: 'token', token: owner.opId });
  if (idempotencyOf(kind) === 'unique-name') ways.push({ by: 'name', name: cloudName(owner) });
  const found = new Map<string, Sighting>();
  for (const where of ways)
    for (const seen of await kindFor(kind).sight(call, account, where)) found.set(seen.id, seen);
  // What is over is of interest only when its creation failed: the engine must hear of that.
  return [...found.values()].filter(seen => seen.ended !== true || seen.phase === 'failed');
}

export async function read(
  ctx: CallContext,
  account: Account,
  object: { readonly kind: KindName; readonly id: string },
): Promise<Observed | null> {
  const call = callOf(ctx, account, `read ${object.kind}`);
  const found = await kindFor(object.kind).sight(call, account, { by: 'ids', ids: [object.id] });
  const seen = found.find(one => one.id === object.id && (one.ended !== true || one.phase === 'failed'));
  if (seen !== undefined) return observedOf(object.kind, seen);
  if (isFresh(ctx, account, object.id)) throw notVisible(call.what);
  return null;
}
