import pLimit from 'p-limit';
import type { KindName } from '../../schemas/name.ts';
import { type CallContext, type FindRequest, type Observed, ProviderFault } from '../../schemas/provider.ts';
import { recordedOf } from '../keeping.ts';
import { askedOn, questionOf } from './asked.ts';
import { lookAt } from './host-calls.ts';
import { type SeenHost, serviceOfOperation, servicesOn, unseenService } from './seen.ts';
import type { Server, Servers } from './servers.ts';
import { serverIn, type Serving } from './serving.ts';

/** How many hosts are looked at at once. */
const HOSTS = 16;

/** Looks at hosts, each in one round trip, and remembers what was seen last. */
export interface Looking {
  /** By the id of the server. */
  readonly seen: ReadonlyMap<string, SeenHost>;
  /** The services of all servers that have some, or shall have; as recorded where a server does not answer. */
  list(ctx: CallContext, objects: readonly Observed[]): Promise<readonly Observed[]>;
  read(ctx: CallContext, id: string): Promise<Observed | null>;
  find(ctx: CallContext, request: FindRequest): Promise<readonly Observed[]>;
}

interface Parts {
  readonly serving: Serving;
  readonly servers: Servers;
  readonly isServed: (kind: KindName) => boolean;
}

/** Nothing is looked at before it is asked for. */
export function openLooking({ serving, servers, isServed }: Parts): Looking {
  const seen = new Map<string, SeenHost>();
  const limit = pLimit(HOSTS);
  const look = async (ctx: CallContext, server: Server): Promise<SeenHost> => {
    const session = await servers.open(server);
    const facts = await lookAt(ctx, session, questionOf(askedOn(serving, server, seen.get(server.id)?.facts)));
    const host = { server, facts };
    seen.set(server.id, host);
    return host;
  };
  return {
    seen,
    async list(ctx, objects) {
      const wanted = serversToLook(serving, objects, isServed);
      const known = { serving, isServed, look: (server: Server) => look(ctx, server) };
      return (await Promise.all(wanted.map(object => limit(() => listed(known, object))))).flat();
    },
    async read(ctx, id) {
      const server = await servers.find(ctx, serverIn(id));
      if (server === null) return null;
      const host = await look(ctx, server);
      return servicesOn(host, serving.services).find(object => object.id === id) ?? null;
    },
    async find(ctx, { spec, owner }) {
      const id = spec['server'];
      const server = typeof id === 'string' ? await servers.find(ctx, id) : null;
      if (server === null) return [];
      const found = serviceOfOperation(await look(ctx, server), serving.services, owner.opId);
      return found === null ? [] : [found];
    },
  };
}

/** Servers on which services are, or shall be. */
function serversToLook(
  { recorded, workspace, provider }: Serving,
  objects: readonly Observed[],
  isServed: (kind: KindName) => boolean,
): readonly Observed[] {
  const ids = new Set<string>();
  for (const record of recorded.objects.values())
    if (record.provider === provider && isServed(record.kind)) ids.add(serverIn(record.id));
  for (const { kind, on } of workspace.resources) {
    const record = on === undefined ? undefined : recorded.objects.get(on);
    if (isServed(kind) && record !== undefined) ids.add(record.id);
  }
  return objects.filter(object => object.kind === 'server' && ids.has(object.id));
}

/** The services of one server; as they were recorded where it does not answer. */
async function listed(
  of: {
    readonly serving: Serving;
    readonly isServed: (kind: KindName) => boolean;
    readonly look: (server: Server) => Promise<SeenHost>;
  },
  object: Observed,
): Promise<readonly Observed[]> {
  const { serving, isServed, look } = of;
  const name = object.owner?.address.slice('server/'.length) ?? object.name;
  try {
    const host = await look({ id: object.id, name, outputs: object.outputs });
    return servicesOn(host, serving.services).filter(({ kind }) => isServed(kind));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const { message } = error.error;
    return recordedOf(serving, isServed)
      .filter(({ record }) => serverIn(record.id) === object.id)
      .map(({ record, owner }) => unseenService(record, owner, `server/${name} does not answer: ${message}`));
  }
}
