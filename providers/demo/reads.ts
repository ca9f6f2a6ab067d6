import type { KindName, WorkspaceKey } from '../../schemas/name.ts';
import { LABEL, type Owner, cloudName, workspaceLabel } from '../../schemas/owner.ts';
import { type CallContext, type Catalogue, type Observed, ProviderFault } from '../../schemas/provider.ts';
import { type Account, kindFor } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { observedOf } from './observed.ts';
import { CatalogueReply, type CloudObject, PageReply, ReadReply } from './replies.ts';

/** Pages that a listing may have; a cloud that never ends is not followed for ever. */
const MOST_PAGES = 20_000;

/**
 * All pages of a listing. Every page says how many objects match in all, and the version of that set: a page with a gap
 * or a repetition, or a world that changed between two pages, shows in them, and then there is no listing at all.
 */
export async function listed(
  ctx: CallContext,
  account: Account,
  query: readonly (readonly [string, string])[],
): Promise<CloudObject[]> {
  const found = new Map<string, CloudObject>();
  const what = 'list objects';
  let after = '0';
  let version: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const search = new URLSearchParams([...query.map(pair => [...pair] as [string, string]), ['after', after]]);
    const reply = await ask(ctx, account.client, { what, method: 'GET', path: `/objects?${search}`, reply: PageReply });
    const before = found.size;
    for (const object of reply.objects) found.set(object.id, object);
    const repeated = found.size !== before + reply.objects.length;
    if (repeated || (version !== null && version !== reply.meta.version)) break;
    version = reply.meta.version;
    if (reply.meta.next === null) {
      if (found.size === reply.meta.total) return [...found.values()];
      break;
    }
    if (Number(reply.meta.next) <= Number(after)) break;
    after = reply.meta.next;
  }
  throw fault('transient', 'listing_incomplete', what, { why: 'the pages do not fit together' });
}

export async function list(ctx: CallContext, account: Account, workspace: WorkspaceKey): Promise<readonly Observed[]> {
  const objects = await listed(ctx, account, [['label', `${LABEL.workspace}=${workspaceLabel(workspace)}`]]);
  return objects.flatMap(object => observedOf(object) ?? []);
}

export async function scan(ctx: CallContext, account: Account): Promise<readonly Observed[]> {
  return (await listed(ctx, account, [])).flatMap(object => observedOf(object) ?? []);
}

/** By token, unique name or label, whatever the profile offers to tell two creates apart. */
export async function find(
  ctx: CallContext,
  account: Account,
  request: { readonly kind: KindName; readonly owner: Owner },
): Promise<readonly Observed[]> {
  kindFor(request.kind);
  const { owner } = request;
  const mark = {
    'client-token': ['token', owner.opId],
    'unique-name': ['name', cloudName(owner)],
    'label-scan': ['label', `${LABEL.operation}=${owner.opId}`],
  } as const;
  const objects = await listed(ctx, account, [['kind', request.kind], mark[account.idempotency]]);
  return objects.flatMap(object => observedOf(object) ?? []);
}

/** One object as the cloud has it; null only when the cloud itself says that there is none. */
export async function readObject(
  ctx: CallContext,
  account: Account,
  object: { readonly kind: KindName; readonly id: string },
): Promise<CloudObject | null> {
  const path = `/${kindFor(object.kind).collection}/${encodeURIComponent(object.id)}`;
  try {
    const reply = await ask(ctx, account.client, {
      what: `read ${object.kind}`,
      method: 'GET',
      path,
      reply: ReadReply,
    });
    if (reply.object.id !== object.id || reply.object.kind !== object.kind) {
      throw fault('transient', 'unreadable_reply', `read ${object.kind}`, { why: 'the reply is about another object' });
    }
    return reply.object;
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'not-found') return null;
    throw error;
  }
}

export async function read(
  ctx: CallContext,
  account: Account,
  object: { readonly kind: KindName; readonly id: string },
): Promise<Observed | null> {
  const found = await readObject(ctx, account, object);
  return found === null ? null : (observedOf(found) ?? null);
}

export async function catalogue(ctx: CallContext, account: Account): Promise<Catalogue> {
  return ask(ctx, account.client, {
    what: 'read the catalogue',
    method: 'GET',
    path: '/catalogue',
    reply: CatalogueReply,
  });
}
