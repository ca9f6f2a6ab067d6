import { KINDS } from '../schemas/kinds/index.ts';
import type { KindName } from '../schemas/name.ts';
import type { Owner } from '../schemas/owner.ts';
import {
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  ProviderFault,
} from '../schemas/provider.ts';
import { type Keeping, recordedOf } from './keeping.ts';

/** Whose an object is that cannot say it itself. */
interface Claim {
  readonly owner: Owner;
  readonly protect: boolean;
}

/**
 * A connection whose cloud cannot label some kinds. An object of such a kind is ours when our record has its id, or
 * when a person named its id in the files; everything above sees the owner as if it stood in labels.
 */
export function withUnlabelled(connection: Connection, keeping: Keeping): Connection {
  const isUnlabelled = (kind: KindName): boolean => keeping.capability(kind)?.ownedBy === 'record';
  if (!Object.keys(KINDS).some(isUnlabelled)) return connection;
  const claims = new Map<string, Claim>();
  for (const { record, owner } of recordedOf(keeping, isUnlabelled)) {
    claims.set(keyOf(record), { owner, protect: record.protect });
  }
  const named = (object: Observed): Observed => {
    const claim = claims.get(keyOf(object));
    return claim === undefined ? object : { ...object, owner: claim.owner, protected: claim.protect };
  };
  const shown = (object: Observed): readonly Observed[] => {
    if (!isUnlabelled(object.kind)) return [object];
    return claims.has(keyOf(object)) ? [named(object)] : [];
  };
  const settled = (outcome: Outcome): Outcome =>
    outcome.status === 'done' ? { status: 'done', object: named(outcome.object) } : outcome;
  const claimed = async (request: CreateRequest, call: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await call;
    const { kind, owner, protect } = request;
    if (outcome.status === 'gone' || !isUnlabelled(kind)) return outcome;
    const id = outcome.status === 'done' ? outcome.object.id : outcome.token.id;
    claims.set(keyOf({ kind, id }), { owner, protect });
    return settled(outcome);
  };
  return {
    ...connection,
    list: async (ctx, workspace) => (await connection.list(ctx, workspace)).flatMap(shown),
    scan: async ctx => (await connection.scan(ctx)).map(named),
    find: async (ctx, request) => {
      const found = await connection.find(ctx, request);
      if (!isUnlabelled(request.kind)) return found;
      const wanted = keeping.workspace.resources.find(({ address }) => address === request.owner.address)?.adopt;
      const free = found.filter(
        object => (claims.get(keyOf(object))?.owner ?? request.owner).opId === request.owner.opId,
      );
      return free.map(object => (object.id === wanted ? { ...object, owner: request.owner } : named(object)));
    },
    read: async (ctx, object) => {
      const found = await connection.read(ctx, object);
      return found === null ? null : named(found);
    },
    create: (ctx, request) => claimed(request, connection.create(ctx, request)),
    update: (ctx, request) => claimed(request, connection.update(ctx, request)),
    adopt: (ctx, request) => claimed(request, connection.adopt(ctx, request)),
    delete: async (ctx, request) => {
      if (isUnlabelled(request.kind)) refuseStranger(request, claims.get(keyOf(request)));
      return connection.delete(ctx, request);
    },
    poll: async (ctx, tokens) =>
      (await connection.poll(ctx, tokens)).map(result => (result instanceof ProviderFault ? result : settled(result))),
  };
}

function keyOf({ kind, id }: { readonly kind: KindName; readonly id: string }): string {
  return `${kind} ${id}`;
}

/** The cloud has no protection and no labels for it, so that both are looked up here. */
function refuseStranger(request: { readonly kind: KindName; readonly owner: Owner }, claim: Claim | undefined): void {
  const what = `delete ${request.kind}`;
  if (claim === undefined || claim.owner.lineage !== request.owner.lineage) {
    const message = `${what}: our record does not have it (foreign_owner)`;
    throw new ProviderFault({ class: 'forbidden', code: 'foreign_owner', message });
  }
  if (!claim.protect) return;
  throw new ProviderFault({ class: 'protected', code: 'protected', message: `${what}: it is protected (protected)` });
}
