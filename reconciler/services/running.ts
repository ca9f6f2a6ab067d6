import type { HostSession } from '../../schemas/host.ts';
import {
  type CallContext,
  type CreateRequest,
  type DeleteRequest,
  type Outcome,
  type PendingToken,
  ProviderFault,
} from '../../schemas/provider.ts';
import type { Owner } from '../../schemas/owner.ts';
import type { HostAct } from '../../taskservs/host/act.ts';
import { difference } from '../../taskservs/host/difference.ts';
import { removalOf, runOf } from '../../taskservs/host/mark.ts';
import type { Marker } from '../../taskservs/host/marker.ts';
import { outputsOf, sceneOf, unmetNeeds, wishOf } from '../../taskservs/host/parameters.ts';
import { runName } from '../../taskservs/host/run.ts';
import { takenAway } from '../../taskservs/host/removal.ts';
import { askedOn, questionOf } from './asked.ts';
import { lookAt, startRun } from './host-calls.ts';
import { type Tracks, waitingFor } from './polling.ts';
import { placeOn } from './seen.ts';
import type { Server, Servers } from './servers.ts';
import { serverIn, serviceId, serviceName, serviceOf, type Serving } from './serving.ts';

/** What runs need to be sent and followed. */
export interface Parts {
  readonly serving: Serving;
  readonly servers: Servers;
  readonly tracks: Tracks;
}

/** Looks at the host and sends what is left to do, as one run. What was sent before is not sent twice. */
export async function installing(ctx: CallContext, parts: Parts, request: CreateRequest): Promise<Outcome> {
  const { serving, servers, tracks } = parts;
  const failure = tracks.failed.get(runName(serviceName(request.kind), request.owner.opId));
  if (failure !== undefined) throw failure;
  const server = await serverFor(ctx, servers, String(request.spec['server']));
  const token = tokenFor(request, serviceId(server.id, serviceName(request.kind)));
  const session = await sessionOf(servers, server);
  if (session === null) return { status: 'pending', token: { ...token, wait: waitingFor(null) } };
  const acts = await actsFor(ctx, { serving, server, session }, request);
  const run = await startRun(ctx, session, { service: serviceName(request.kind), owner: request.owner, acts });
  return { status: 'pending', token: { ...token, wait: waitingFor(run) } };
}

interface At {
  readonly serving: Serving;
  readonly server: Server;
  readonly session: HostSession;
}

async function actsFor(ctx: CallContext, at: At, request: CreateRequest): Promise<readonly HostAct[]> {
  const { serving, server, session } = at;
  const { kind, spec, owner, protect } = request;
  const service = serviceOf(serving.services, kind);
  if (service === undefined) throw fault('unsupported', 'no-service', `there is no service ${serviceName(kind)}`);
  const asked = askedOn(serving, server, undefined, [{ service, spec }]);
  const facts = await lookAt(ctx, session, questionOf(asked));
  refuseOthers(facts.markers[service.name], owner);
  const unmet = unmetNeeds(service, facts);
  if (unmet.length > 0) throw fault('invalid-input', 'unmet-needs', `nothing was changed: ${unmet.join('; ')}`);
  const wish = wishOf(service, { spec, real: await serving.reveal(spec, owner.address) }, placeOn(server, facts));
  if (wish === null)
    throw fault('invalid-input', 'parameters', `${owner.address}: its parameters do not fit ${service.name}`);
  const scene = sceneOf(service, wish, facts);
  return runOf(scene, difference(scene), { owner, protect, spec, ...outputsOf(service, { wish, facts }) });
}

/** Sends what takes a service away. One that is not there is gone already. */
export async function removing(ctx: CallContext, parts: Parts, request: DeleteRequest): Promise<Outcome> {
  const { serving, servers, tracks } = parts;
  const { kind, id, owner } = request;
  const failure = tracks.failed.get(runName(serviceName(kind), owner.opId));
  if (failure !== undefined) throw failure;
  const server = await servers.find(ctx, serverIn(id));
  if (server === null) return { status: 'gone' };
  const session = await sessionOf(servers, server);
  if (session === null) return { status: 'pending', token: { ...tokenFor(request, id), wait: waitingFor(null) } };
  const facts = await lookAt(ctx, session, questionOf(askedOn(serving, server, undefined)));
  const service = serviceName(kind);
  const marker = facts.markers[service];
  if (marker === undefined) return { status: 'gone' };
  refuseOthers(marker, owner);
  if (marker.protect) throw fault('protected', 'protected', `delete ${owner.address}: it is protected`);
  const acts = removalOf(marker, takenAway({ service, marker, facts }), owner.opId);
  const run = await startRun(ctx, session, { service, owner, acts });
  return { status: 'pending', token: { ...tokenFor(request, id), wait: waitingFor(run) } };
}

async function serverFor(ctx: CallContext, servers: Servers, id: string): Promise<Server> {
  const server = await servers.find(ctx, id);
  if (server !== null) return server;
  throw fault('not-found', 'no-server', `there is no server ${id}`);
}

/** Null while the host does not answer: it may still be starting. */
async function sessionOf(servers: Servers, server: Server): Promise<HostSession | null> {
  try {
    return await servers.open(server);
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'transient') return null;
    throw error;
  }
}

/** A service that somebody else put there is never touched. */
function refuseOthers(marker: Marker | undefined, owner: Owner): void {
  if (marker === undefined) return;
  if (marker.workspace === owner.workspace && marker.lineage === owner.lineage) return;
  const whose = `${marker.workspace} (lineage ${marker.lineage})`;
  throw fault('already-exists', 'foreign_owner', `${owner.address}: the service on this server belongs to ${whose}`);
}

function tokenFor({ kind }: Pick<CreateRequest, 'kind'>, id: string): Omit<PendingToken, 'wait'> {
  return { kind, id, pollMs: 1_000 };
}

function fault(kind: ProviderFault['error']['class'], code: string, message: string): ProviderFault {
  return new ProviderFault({ class: kind, code, message });
}
