import { begin, mustBeFree, shownAction, time } from './actions.ts';
import { publicAddress, publicRange } from './addresses.ts';
import { balancerTypeOf, locationOf, LOCATIONS, shownBalancerType } from './catalogue.ts';
import type { Answer, Fields, Kept, State, Turn } from './model.ts';
import { freeAddress, placesOf, subnetsOf } from './networks.ts';
import { act, keep, referred, requestsOf, subject } from './objects.ts';
import { must } from './rules.ts';

interface Target {
  readonly server: number;
  readonly isPrivate: boolean;
}

interface Service extends Fields {
  readonly listen_port: number;
  readonly protocol: string;
}

const targetsOf = (balancer: Kept): readonly Target[] => balancer['targets'] as Target[];
const servicesOf = (balancer: Kept): readonly Service[] => balancer['services'] as Service[];

function shownBalancer(_state: State, balancer: Kept): object {
  const services = servicesOf(balancer);
  return {
    id: balancer.id,
    name: balancer.name,
    public_net: {
      enabled: balancer['isPublic'],
      ipv4: { ip: balancer['ipv4'], dns_ptr: null },
      ipv6: { ip: String(balancer['ipv6']).replace('/64', '1'), dns_ptr: null },
    },
    private_net: placesOf(balancer).map(({ network, ip }) => ({ network, ip })),
    location: LOCATIONS.find(location => location.name === balancer['location']),
    load_balancer_type: shownBalancerType(balancerTypeOf(String(balancer['type']))),
    protection: balancer.protection,
    labels: balancer.labels,
    created: time(balancer.created),
    services,
    targets: targetsOf(balancer).map(({ server, isPrivate }) => ({
      type: 'server',
      server: { id: server },
      use_private_ip: isPrivate,
      health_status: services.map(service => ({ listen_port: service.listen_port, status: 'unknown' })),
    })),
    algorithm: { type: balancer['algorithm'] },
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * 1024 ** 4,
  };
}

export const balancers = requestsOf('load_balancers', shownBalancer);

/** A service with everything that was left out. */
function serviceFrom(body: Fields, others: readonly Service[]): Service {
  const port = Number(body['listen_port']);
  must(
    others.every(service => service.listen_port !== port),
    'port-taken',
  );
  const isWeb = body['protocol'] !== 'tcp';
  // TLS ends at a certificate, and a certificate is an object of its own.
  must(
    body['protocol'] !== 'https' || Array.isArray((body['http'] as Fields | undefined)?.['certificates']),
    'bad-input',
  );
  const given = (body['health_check'] ?? {}) as Fields;
  const check: Fields = {
    protocol: isWeb ? 'http' : 'tcp',
    port: body['destination_port'],
    interval: 15,
    timeout: 10,
    retries: 3,
    ...given,
  };
  const asked = { domain: null, path: '/', response: '', tls: false, status_codes: ['2??', '3??'] };
  const http = check['protocol'] === 'http' ? { http: { ...asked, ...(given['http'] as object | undefined) } } : {};
  const web = {
    cookie_name: 'HCLBSTICKY',
    cookie_lifetime: 300,
    certificates: [],
    redirect_http: false,
    sticky_sessions: false,
    timeout_idle: 60,
    ...(body['http'] as object | undefined),
  };
  return {
    protocol: String(body['protocol']),
    listen_port: port,
    destination_port: body['destination_port'],
    proxyprotocol: body['proxyprotocol'] ?? false,
    health_check: { ...check, ...http },
    ...(isWeb ? { http: web } : {}),
  };
}

function targetFrom(
  turn: Turn,
  body: Fields,
  balancer: { readonly places: Kept['private_net']; readonly targets: readonly Target[] },
): Target {
  must(body['type'] === 'server', 'bad-input');
  const server = referred(turn, 'servers', (body['server'] as { id?: number } | undefined)?.id);
  const isPrivate = body['use_private_ip'] === true;
  must(
    balancer.targets.every(target => target.server !== server.id),
    'target-known',
  );
  if (!isPrivate) must(server['ipv4'] !== null, 'target-without-public');
  const networks = (balancer.places as { network: number }[]).map(place => place.network);
  if (isPrivate) must(networks.length > 0, 'target-needs-private');
  if (isPrivate)
    must(
      placesOf(server).some(place => networks.includes(place.network)),
      'target-not-private',
    );
  return { server: server.id, isPrivate };
}

export function createBalancer(turn: Turn): Answer {
  const { body, state } = turn;
  const type = balancerTypeOf(String(body['load_balancer_type']));
  must((body['location'] === undefined) !== (body['network_zone'] === undefined), 'bad-input');
  const byZone = LOCATIONS.find(location => location.network_zone === body['network_zone']);
  const location = body['location'] === undefined ? byZone : locationOf(String(body['location']));
  must(location !== undefined, 'bad-input');
  const zone = location?.network_zone ?? '';
  const network = body['network'] === undefined ? null : referred(turn, 'networks', body['network']);
  const places = network === null ? [] : [{ network: network.id, ip: freeAddress(turn, network, { zone }) }];
  const services: Service[] = [];
  for (const one of (body['services'] ?? []) as Fields[]) services.push(serviceFrom(one, services));
  const targets: Target[] = [];
  for (const one of (body['targets'] ?? []) as Fields[]) targets.push(targetFrom(turn, one, { places, targets }));
  must(services.length <= type.max_services && targets.length <= type.max_targets, 'quota');
  const balancer = keep(turn, 'load_balancers', {
    type: type.name,
    location: location?.name,
    algorithm: (body['algorithm'] as Fields | undefined)?.['type'] ?? 'round_robin',
    isPublic: body['public_interface'] !== false,
    ipv4: publicAddress(state),
    ipv6: publicRange(state),
    private_net: [],
    services,
    targets,
  });
  const patch = { private_net: places };
  const effects = [{ collection: 'load_balancers', id: balancer.id, patch }] as const;
  const action = begin(turn, { command: 'create_load_balancer', on: [['load_balancers', balancer.id]], effects });
  return { status: 201, body: { ...balancers.one(turn, balancer), action: shownAction(action) }, id: balancer.id };
}

/** An action that changes fields of a load balancer, worked out when it is free. */
function changing(command: string, change: (turn: Turn, balancer: Kept) => Fields): (turn: Turn) => Answer {
  return turn => {
    const object = subject(turn, 'load_balancers');
    mustBeFree(turn, 'load_balancers', object.id);
    return act(turn, 'load_balancers', { object, command, patch: change(turn, object) });
  };
}

export const addTarget = changing('add_target', (turn, balancer) => {
  const targets = targetsOf(balancer);
  const made = targetFrom(turn, turn.body, { places: balancer['private_net'], targets });
  return { targets: [...targets, made] };
});

export const removeTarget = changing('remove_target', ({ body }, balancer) => {
  const id = (body['server'] as { id?: number } | undefined)?.id;
  const left = targetsOf(balancer).filter(target => target.server !== id);
  must(left.length < targetsOf(balancer).length, 'target-unknown');
  return { targets: left };
});

export const addService = changing('add_service', ({ body }, balancer) => {
  const services = servicesOf(balancer);
  must(services.length < balancerTypeOf(String(balancer['type'])).max_services, 'quota');
  return { services: [...services, serviceFrom(body, services)] };
});

export const updateService = changing('update_service', ({ body }, balancer) => {
  const services = servicesOf(balancer);
  const before = services.find(service => service.listen_port === body['listen_port']);
  must(before !== undefined, 'service-unknown');
  const others = services.filter(service => service !== before);
  const renewed = serviceFrom({ ...before, ...body }, others);
  return { services: services.map(service => (service === before ? renewed : service)) };
});

export const deleteService = changing('delete_service', ({ body }, balancer) => {
  const left = servicesOf(balancer).filter(service => service.listen_port !== body['listen_port']);
  must(left.length < servicesOf(balancer).length, 'service-unknown');
  return { services: left };
});

export const changeAlgorithm = changing('change_algorithm', ({ body }) => ({ algorithm: body['type'] }));

export const changeBalancerType = changing('change_load_balancer_type', ({ body }, balancer) => {
  const type = balancerTypeOf(String(body['load_balancer_type']));
  must(servicesOf(balancer).length <= type.max_services && targetsOf(balancer).length <= type.max_targets, 'bad-input');
  return { type: type.name };
});

export const attachBalancer = changing('attach_to_network', (turn, balancer) => {
  must(placesOf(balancer).length === 0, 'balancer-in-network');
  const network = referred(turn, 'networks', turn.body['network']);
  const zone = locationOf(String(balancer['location'])).network_zone;
  const range = turn.body['ip_range'] as string | undefined;
  must(range === undefined || subnetsOf(network).some(subnet => subnet.ip_range === range), 'no-subnet');
  const ip = freeAddress(turn, network, { zone, ...(range === undefined ? {} : { range }) });
  return { private_net: [{ network: network.id, ip }] };
});

export const detachBalancer = changing('detach_from_network', (turn, balancer) => {
  const left = placesOf(balancer).filter(place => place.network !== turn.body['network']);
  must(left.length < placesOf(balancer).length, 'not-in-network');
  must(
    targetsOf(balancer).every(target => !target.isPrivate),
    'target-needs-private',
  );
  return { private_net: left };
});

export const deleteBalancer = balancers.remove();
