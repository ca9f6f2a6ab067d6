import type { RecordedObject } from '../../schemas/checkpoint.ts';
import type { Owner } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { astray } from '../../taskservs/host/difference.ts';
import type { HostFacts } from '../../taskservs/host/facts.ts';
import { type Journal, type Marker, serviceIn } from '../../taskservs/host/marker.ts';
import { outputsOf, type Place, sceneOf, wishOf } from '../../taskservs/host/parameters.ts';
import type { Server } from './servers.ts';
import { serviceId, serviceName, serviceOf, type Services } from './serving.ts';

/** A host as it was seen last. */
export interface SeenHost {
  readonly server: Server;
  readonly facts: HostFacts;
}

/** What a service is told of a host. */
export function placeOn({ name, outputs }: Pick<Server, 'name' | 'outputs'>, facts: HostFacts): Place {
  const address = [outputs['privateIp'], outputs['publicIp']].find(one => typeof one === 'string' && one !== '');
  const { architecture, codename } = facts;
  return { server: name, address: typeof address === 'string' ? address : null, architecture, codename };
}

/** The services that a host shows: finished ones by their markers, and those that are being worked on. */
export function servicesOn(host: SeenHost, services: Services): readonly Observed[] {
  const { markers, runs } = host.facts;
  const running = new Map(runs.map(({ owner }) => [serviceIn(owner.address), owner]));
  const finished = Object.values(markers).map(marker => finishedService(host, services, marker));
  const begun = [...running].filter(([service]) => markers[service] === undefined);
  return [
    ...finished.map(object => {
      const owner = running.get(object.name);
      return owner === undefined ? object : { ...object, phase: 'pending' as const };
    }),
    ...begun.map(([service, owner]) => begunService(host, service, owner)),
  ];
}

/** The service that carries this operation, finished or on the way. */
export function serviceOfOperation(host: SeenHost, services: Services, opId: string): Observed | null {
  return servicesOn(host, services).find(({ owner }) => owner?.opId === opId) ?? null;
}

function finishedService(host: SeenHost, services: Services, marker: Marker): Observed {
  const { service, spec, protect } = marker;
  const kind = `taskserv.${service}`;
  const known = serviceOf(services, kind);
  const place = placeOn(host.server, host.facts);
  const wish = known === undefined ? null : wishOf(known, { spec: spec as Spec }, place);
  const seen =
    known === undefined || wish === null
      ? { outputs: { version: marker.version, endpoint: marker.endpoint }, reasons: [] }
      : {
          outputs: outputsOf(known, { wish, facts: host.facts }),
          reasons: astray(sceneOf(known, wish, host.facts)),
        };
  const { version, endpoint } = seen.outputs;
  return {
    ...shared(host, service, marker),
    spec: spec as Spec,
    outputs: {
      id: serviceId(host.server.id, service),
      ...(version === null ? {} : { version }),
      ...(endpoint === null ? {} : { endpoint }),
    },
    phase: 'ready',
    protected: protect,
    ...(seen.reasons.length === 0 ? {} : { astray: seen.reasons }),
  };
}

function begunService(host: SeenHost, service: string, journal: Journal): Observed {
  const id = serviceId(host.server.id, service);
  return { ...shared(host, service, journal), spec: {}, outputs: { id }, phase: 'pending', protected: false };
}

function shared(
  { server }: SeenHost,
  service: string,
  { workspace, lineage, address, opId }: Owner,
): Pick<Observed, 'kind' | 'id' | 'name' | 'owner' | 'createdAt' | 'attached'> {
  return {
    kind: `taskserv.${service}`,
    id: serviceId(server.id, service),
    name: service,
    owner: { workspace, lineage, address, opId },
    createdAt: 0,
    attached: false,
  };
}

/** A recorded service on a server that could not be looked at: as it was recorded, and why. */
export function unseenService(record: RecordedObject, owner: Owner, why: string): Observed {
  const { kind, id, spec, outputs, protect } = record;
  return {
    kind,
    id,
    name: serviceName(kind),
    spec,
    outputs,
    owner,
    phase: 'ready',
    protected: protect,
    createdAt: 0,
    attached: false,
    unseen: why,
  };
}
