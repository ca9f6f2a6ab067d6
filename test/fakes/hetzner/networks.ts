import { networkOf, overlaps } from './ranges.ts';
import { LOCATIONS } from './catalogue.ts';
import type { Answer, Kept, State, Turn } from './model.ts';
import { act, keep, requestsOf, subject } from './objects.ts';
import { must, refuse } from './rules.ts';
import { time } from './actions.ts';

export interface Subnet {
  readonly type: string;
  readonly ip_range: string;
  readonly network_zone: string;
  readonly gateway: string;
  readonly vswitch_id: number | null;
}

export const subnetsOf = (network: Kept): readonly Subnet[] => network['subnets'] as Subnet[];

export interface Membership {
  readonly network: number;
  readonly ip: string;
}

/** Where a server or a load balancer is. */
export const placesOf = (object: Kept): readonly Membership[] => object['private_net'] as Membership[];

/** The first free address in a subnet of the network that is in the zone, or in the one with that range. */
export function freeAddress(turn: Turn, network: Kept, want: { zone: string; range?: string; ip?: string }): string {
  const { state } = turn;
  const taken = new Set(
    [...Object.values(state.servers), ...Object.values(state.load_balancers)]
      .flatMap(placesOf)
      .filter(place => place.network === network.id)
      .map(place => place.ip),
  );
  const subnets = subnetsOf(network).filter(
    subnet => subnet.network_zone === want.zone && (want.range === undefined || subnet.ip_range === want.range),
  );
  must(subnets.length > 0, 'no-subnet');
  if (want.ip !== undefined) return want.ip;
  for (const { ip_range: range } of subnets) {
    const net = networkOf(range) ?? { size: 0, address: () => '' };
    // The first two addresses and the last one are Hetzner's.
    for (let at = 2; at < net.size - 1; at += 1) if (!taken.has(net.address(at))) return net.address(at);
  }
  throw refuse('no-subnet');
}

const membersOf = (objects: { readonly [id: string]: Kept }, network: Kept): Kept[] =>
  Object.values(objects).filter(object => placesOf(object).some(place => place.network === network.id));

export function shownNetwork(state: State, network: Kept): object {
  return {
    id: network.id,
    name: network.name,
    ip_range: network['ip_range'],
    subnets: subnetsOf(network),
    routes: [],
    servers: membersOf(state.servers, network).map(({ id }) => id),
    load_balancers: membersOf(state.load_balancers, network).map(({ id }) => id),
    protection: network.protection,
    labels: network.labels,
    created: time(network.created),
    expose_routes_to_vswitch: false,
  };
}

export const networks = requestsOf('networks', shownNetwork);

function subnetFrom(turn: Turn, network: { readonly ip_range: string; readonly subnets: readonly Subnet[] }): Subnet {
  const { type, ip_range: range, network_zone: zone } = turn.body as { [field: string]: string };
  must(type === 'cloud' && LOCATIONS.some(location => location.network_zone === zone), 'bad-input');
  const net = networkOf(range ?? '');
  must(net !== undefined, 'bad-input');
  must(overlaps(range ?? '', network.ip_range) && bits(range) >= bits(network.ip_range), 'subnet-outside');
  must(
    network.subnets.every(subnet => !overlaps(subnet.ip_range, range ?? '')),
    'subnet-overlap',
  );
  // The first address of the whole network is the gateway of all its subnets.
  const gateway = networkOf(network.ip_range)?.address(1) ?? '';
  return { type: 'cloud', ip_range: range ?? '', network_zone: zone ?? '', gateway, vswitch_id: null };
}

const bits = (range: string | undefined): number => Number((range ?? '').split('/')[1]);

export function createNetwork(turn: Turn): Answer {
  const range = String(turn.body['ip_range']);
  must(networkOf(range) !== undefined && bits(range) <= 24, 'bad-input');
  const subnets: Subnet[] = [];
  for (const body of (turn.body['subnets'] ?? []) as Turn['body'][])
    subnets.push(subnetFrom({ ...turn, body }, { ip_range: range, subnets }));
  const network = keep(turn, 'networks', { ip_range: range, subnets });
  return { status: 201, body: networks.one(turn, network), id: network.id };
}

export function addSubnet(turn: Turn): Answer {
  const object = subject(turn, 'networks');
  const subnets = subnetsOf(object);
  const made = subnetFrom(turn, { ip_range: String(object['ip_range']), subnets });
  return act(turn, 'networks', { object, command: 'add_subnet', patch: { subnets: [...subnets, made] } });
}

export function deleteSubnet(turn: Turn): Answer {
  const object = subject(turn, 'networks');
  const range = String(turn.body['ip_range']);
  const subnets = subnetsOf(object);
  must(
    subnets.some(subnet => subnet.ip_range === range),
    'not-found',
  );
  const { state } = turn;
  const inside = [...membersOf(state.servers, object), ...membersOf(state.load_balancers, object)]
    .flatMap(placesOf)
    .some(place => place.network === object.id && overlaps(`${place.ip}/32`, range));
  must(!inside, 'subnet-in-use');
  const patch = { subnets: subnets.filter(subnet => subnet.ip_range !== range) };
  return act(turn, 'networks', { object, command: 'delete_subnet', patch });
}

/** Deleting a network takes its subnets along, and lets go of its members. */
export const deleteNetwork = networks.remove((turn, network) => {
  for (const member of [...membersOf(turn.state.servers, network), ...membersOf(turn.state.load_balancers, network)])
    member['private_net'] = placesOf(member).filter(place => place.network !== network.id);
});
