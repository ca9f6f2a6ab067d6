import { BlockList, isIP } from 'node:net';
import { isObject, type Json, type JsonObject } from '../../../schemas/json.ts';
import {
  type Answer,
  type Network,
  PREFIX,
  Refusal,
  type Router,
  type Turn,
  hasLabels,
  known,
  labelsOf,
  listOf,
  newUuid,
  objectOf,
  text,
  wire,
} from './model.ts';
import { ZONES } from './seeds.ts';

function networkOf(turn: Turn): Network {
  return known(turn.state.networks, turn.args[0], 'NETWORK');
}

function routerOf(turn: Turn): Router {
  return known(turn.state.routers, turn.args[0], 'ROUTER');
}

function users(turn: Turn, network: Network): JsonObject[] {
  return Object.values(turn.state.servers)
    .filter(server => server.nics.some(nic => nic.network === network.uuid))
    .map(({ title, uuid }) => ({ title, uuid }));
}

function networkView(turn: Turn, network: Network): JsonObject {
  const servers = users(turn, network);
  return {
    effective_routes: [],
    ip_networks: { ip_network: [{ dhcp_effective_routes: [], ...network.ip }] },
    labels: network.labels.map(wire),
    name: network.name,
    ...(network.router === null ? {} : { router: network.router }),
    ...(servers.length > 0 ? { servers: { server: servers } } : {}),
    type: network.type,
    uuid: network.uuid,
    zone: network.zone,
  };
}

export function listNetworks(turn: Turn): Answer {
  const zone = turn.query.get('zone');
  const networks = Object.values(turn.state.networks).filter(
    network => hasLabels(network.labels, turn.query) && (zone === null || network.zone === zone),
  );
  return { status: 200, body: { networks: { network: networks.map(network => networkView(turn, network)) } } };
}

function answeredNetwork(turn: Turn, network: Network, status: number): Answer {
  return { status, id: network.uuid, body: { network: networkView(turn, network) } };
}

export function getNetwork(turn: Turn): Answer {
  return answeredNetwork(turn, networkOf(turn), 200);
}

function overlaps(a: string, b: string): boolean {
  const contains = (range: string, address: string): boolean => {
    const [start = '', bits = ''] = range.split('/');
    const list = new BlockList();
    list.addSubnet(start, Number(bits), isIP(start) === 6 ? 'ipv6' : 'ipv4');
    return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
  return contains(a, b.split('/')[0] ?? '') || contains(b, a.split('/')[0] ?? '');
}

/** A router cannot tell two networks with the same addresses apart. */
function refuseOverlap(turn: Turn, network: Pick<Network, 'uuid' | 'ip'>, router: string): void {
  for (const other of Object.values(turn.state.networks)) {
    if (other.router !== router || other.uuid === network.uuid || other.ip['family'] !== network.ip['family']) continue;
    if (overlaps(String(other.ip['address']), String(network.ip['address'])))
      throw new Refusal(400, 'ROUTER_NETWORK_OVERLAP_INVALID', 'The networks of a router must not overlap.');
  }
}

export function createNetwork(turn: Turn): Answer {
  const body = objectOf(turn.body['network']);
  const zone = text(body['zone'], 'ZONE_MISSING');
  if (!(ZONES as readonly string[]).includes(zone))
    throw new Refusal(404, 'ZONE_NOT_FOUND', 'The zone does not exist.');
  const ranges = listOf(objectOf(body['ip_networks'])['ip_network']);
  const [ip] = ranges;
  if (ip === undefined || ranges.length !== 1)
    throw new Refusal(400, 'IP_NETWORKS_INVALID', 'A network has exactly one IP network.');
  const address = text(ip['address'], 'ADDRESS_MISSING');
  if (!/^[0-9a-fA-F.:]+\/\d+$/.test(address)) throw new Refusal(400, 'ADDRESS_INVALID', 'The range is invalid.');
  const used = Object.values(turn.state.networks).filter(network => network.type === 'private').length;
  if (used >= (turn.settings.limits['networks'] ?? used + 1))
    throw new Refusal(403, 'NETWORK_LIMIT_REACHED', 'The network limit of the account is reached.');
  const router = body['router'] === undefined ? null : known(turn.state.routers, String(body['router']), 'ROUTER').uuid;
  const gateway = address.replace(/\d+\/\d+$/, '1');
  const network: Network = {
    uuid: newUuid(turn.state, PREFIX.network),
    name: text(body['name'], 'NAME_MISSING'),
    type: 'private',
    zone,
    router,
    labels: labelsOf(body['labels']) ?? [],
    ip: { dhcp: 'no', dhcp_default_route: 'no', gateway, ...(ip as JsonObject) },
  };
  if (router !== null) refuseOverlap(turn, network, router);
  turn.state.networks[network.uuid] = network;
  return answeredNetwork(turn, network, 201);
}

/** What was sent over what was there, part by part; an empty list takes a part away. */
function merged(before: JsonObject, sent: JsonObject): JsonObject {
  const entries = Object.entries({ ...before, ...sent }).map(([key, value]): [string, Json] => {
    const old = before[key];
    return [key, isObject(old) && isObject(value) ? filled(merged(old as JsonObject, value as JsonObject)) : value];
  });
  return Object.fromEntries(entries);
}

function filled(part: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

export function modifyNetwork(turn: Turn): Answer {
  const network = networkOf(turn);
  const body = objectOf(turn.body['network']);
  const labels = labelsOf(body['labels']);
  if (body['router'] === null) network.router = null;
  else if (body['router'] !== undefined) {
    const { uuid } = known(turn.state.routers, String(body['router']), 'ROUTER');
    refuseOverlap(turn, network, uuid);
    network.router = uuid;
  }
  if (labels !== undefined) network.labels = labels;
  if (body['name'] !== undefined) network.name = text(body['name'], 'NAME_INVALID');
  const [ip] = listOf(objectOf(body['ip_networks'])['ip_network']);
  if (ip !== undefined) network.ip = merged(network.ip, ip as JsonObject);
  // The answer to a change does not name the servers.
  const { servers: _servers, ...shown } = networkView(turn, network);
  return { status: 200, id: network.uuid, body: { network: shown } };
}

export function deleteNetwork(turn: Turn): Answer {
  const network = networkOf(turn);
  const balanced = Object.values(turn.state.balancers).some(({ body }) =>
    (body['networks'] as JsonObject[]).some(one => one['uuid'] === network.uuid),
  );
  if (users(turn, network).length > 0 || balanced)
    throw new Refusal(409, 'NETWORK_NOT_EMPTY', 'Servers are attached to the network.');
  delete turn.state.networks[network.uuid];
  return { status: 204, id: network.uuid };
}

function routerView(turn: Turn, router: Router): JsonObject {
  const attached = Object.values(turn.state.networks).filter(network => network.router === router.uuid);
  return {
    attached_network_gateways: [],
    attached_networks: { network: attached.map(({ uuid }) => ({ uuid })) },
    labels: router.labels.map(wire),
    name: router.name,
    static_routes: router.routes,
    type: router.type,
    uuid: router.uuid,
  };
}

export function listRouters(turn: Turn): Answer {
  const routers = Object.values(turn.state.routers).filter(router => hasLabels(router.labels, turn.query));
  return { status: 200, body: { routers: { router: routers.map(router => routerView(turn, router)) } } };
}

function answeredRouter(turn: Turn, router: Router, status: number): Answer {
  return { status, id: router.uuid, body: { router: routerView(turn, router) } };
}

export function getRouter(turn: Turn): Answer {
  return answeredRouter(turn, routerOf(turn), 200);
}

export function createRouter(turn: Turn): Answer {
  const body = objectOf(turn.body['router']);
  const router: Router = {
    uuid: newUuid(turn.state, PREFIX.router),
    name: text(body['name'], 'NAME_MISSING'),
    type: 'normal',
    labels: labelsOf(body['labels']) ?? [],
    routes: listOf(body['static_routes']) as JsonObject[],
  };
  turn.state.routers[router.uuid] = router;
  return answeredRouter(turn, router, 201);
}

export function modifyRouter(turn: Turn): Answer {
  const router = routerOf(turn);
  const body = objectOf(turn.body['router']);
  const labels = labelsOf(body['labels']);
  if (labels !== undefined) router.labels = labels;
  if (body['name'] !== undefined) router.name = text(body['name'], 'NAME_INVALID');
  if (body['static_routes'] !== undefined) router.routes = listOf(body['static_routes']) as JsonObject[];
  return answeredRouter(turn, router, 200);
}

export function deleteRouter(turn: Turn): Answer {
  const router = routerOf(turn);
  if (router.type === 'service') throw new Refusal(403, 'ROUTER_FORBIDDEN', 'It is the router of UpCloud.');
  if (Object.values(turn.state.networks).some(network => network.router === router.uuid))
    throw new Refusal(409, 'ROUTER_ATTACHED', 'Networks are attached to the router.');
  delete turn.state.routers[router.uuid];
  return { status: 204, id: router.uuid };
}
