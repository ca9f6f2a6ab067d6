import { digestOf } from '../planner/digest.ts';
import { isObject, type Json } from '../schemas/json.ts';
import { KINDS } from '../schemas/kinds/index.ts';
import type { KindName } from '../schemas/name.ts';
import { cloudName } from '../schemas/owner.ts';
import type { Connection, CreateRequest, Observed, Outcome } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';
import { type Keeping, recordedOf } from './keeping.ts';

/**
 * A connection that also has the kinds that its cloud has no object for. Such an object lives in our record alone, and
 * its spec is handed over with every request that refers to it. Everything above works as if the cloud had it.
 */
export function withVirtual(connection: Connection, keeping: Keeping): Connection {
  const isVirtual = (kind: KindName): boolean => keeping.capability(kind)?.virtual === true;
  if (!Object.keys(KINDS).some(isVirtual)) return connection;
  const objects = new Map<string, Observed>();
  const shown = (of: Virtual): Observed => virtualObject(of, keeping.capability(of.kind)?.outputs?.(of.spec) ?? {});
  for (const { record, owner } of recordedOf(keeping, isVirtual)) {
    objects.set(record.id, shown({ ...record, owner }));
  }
  const put = (request: CreateRequest, id: string): Promise<Outcome> => {
    const object = shown({ ...request, id });
    objects.set(id, object);
    return Promise.resolve({ status: 'done', object });
  };
  const whole = <T extends CreateRequest>(request: T): T => ({ ...request, virtual: mentioned(request.spec, objects) });
  return {
    ...connection,
    list: async (ctx, workspace) => [...(await connection.list(ctx, workspace)), ...objects.values()],
    find: (ctx, request) => {
      if (!isVirtual(request.kind)) return connection.find(ctx, request);
      return Promise.resolve([...objects.values()].filter(object => object.owner?.opId === request.owner.opId));
    },
    read: (ctx, object) =>
      isVirtual(object.kind) ? Promise.resolve(objects.get(object.id) ?? null) : connection.read(ctx, object),
    create: (ctx, request) =>
      isVirtual(request.kind) ? put(request, idOf(request)) : connection.create(ctx, whole(request)),
    update: (ctx, request) =>
      isVirtual(request.kind) ? put(request, request.id) : connection.update(ctx, whole(request)),
    adopt: (ctx, request) =>
      isVirtual(request.kind) ? put(request, request.id) : connection.adopt(ctx, whole(request)),
    delete: (ctx, request) => {
      if (!isVirtual(request.kind)) return connection.delete(ctx, request);
      objects.delete(request.id);
      return Promise.resolve({ status: 'gone' });
    },
  };
}

/** Says what it is: another content is another object, so that what refers to it changes with it. */
function idOf({ kind, owner, spec }: CreateRequest): string {
  return `${kind}-${digestOf({ address: owner.address, spec }).slice(0, 20)}`;
}

type Virtual = Pick<Observed, 'kind' | 'id' | 'spec'> & Pick<CreateRequest, 'owner' | 'protect'>;

function virtualObject({ kind, id, owner, spec, protect }: Virtual, outputs: Observed['outputs']): Observed {
  return {
    kind,
    id,
    name: cloudName(owner),
    spec: { labels: {}, ...spec },
    outputs: { id, ...outputs },
    owner,
    phase: 'ready',
    protected: protect,
    createdAt: 0,
    attached: false,
  };
}

/** The specs of the virtual objects whose ids stand anywhere in a spec. */
function mentioned(spec: Spec, objects: ReadonlyMap<string, Observed>): { readonly [id: string]: Spec } {
  const found: { [id: string]: Spec } = {};
  const walk = (value: Json): void => {
    if (typeof value === 'string') {
      const object = objects.get(value);
      if (object !== undefined) found[value] = object.spec;
    } else if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) Object.values(value as { readonly [key: string]: Json }).forEach(walk);
  };
  Object.values(spec).forEach(walk);
  return found;
}
