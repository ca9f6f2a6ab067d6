import { time } from './actions.ts';
import { locationOf, LOCATIONS } from './catalogue.ts';
import type { Answer, Kept, State, Turn } from './model.ts';
import { act, keep, referred, requestsOf, subject } from './objects.ts';
import { must, refuse } from './rules.ts';
import { placesOf, subnetsOf } from './networks.ts';

/** An IPv4 range without host bits; undefined when it is none. */
export function networkOf(range: string): { readonly size: number; address(nth: number): string } | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range);
  if (found === null) return undefined;
  const [base, bits] = [numberOf(range.split('/')[0] ?? ''), Number(found[5])];
  const size = 2 ** (32 - bits);
  if (bits > 32 || base % size !== 0 || found.slice(1, 5).some(part => Number(part) > 255)) return undefined;
  return { size, address: nth => textOf(base + nth) };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function overlaps(a: string, b: string): boolean {
  const [one, two] = [a, b].map(range => {
    const start = numberOf(range.split('/')[0] ?? '');
    return { start, end: start + 2 ** (32 - Number(range.split('/')[1])) };
  });
  return one !== undefined && two !== undefined && one.start < two.end && two.start < one.end;
}

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
    const net = networkOf(range);
    // The first two addresses and the last one are Hetzner's.
    for (let at = 2; net !== undefined && at < net.size - 1; at += 1)
      if (!taken.has(net.address(at))) return net.address(at);
  }
  throw refuse('no-subnet');
}

/** A public address that nothing else has. */
export function publicAddress(state: State): string {
  state.serial += 1;
  return textOf(numberOf('198.18.0.0') + state.serial);
}

export function publicRange(state: State): string {
  state.serial += 1;
  return `2001:db8:${state.serial.toString(16)}::/64`;
}

export function shownFloating(_state: State, floating: Kept): object {
  return {
    id: floating.id,
    name: floating.name,
    description: floating['description'] ?? null,
    ip: floating['ip'],
    type: floating['type'],
    server: floating['server'],
    dns_ptr: [],
    home_location: LOCATIONS.find(location => location.name === floating['location']),
    blocked: false,
    protection: floating.protection,
    labels: floating.labels,
    created: time(floating.created),
  };
}

export const floatingIps = requestsOf('floating_ips', shownFloating);

export function createFloating(turn: Turn): Answer {
  const { body, state } = turn;
  const server = body['server'] === undefined ? null : referred(turn, 'servers', body['server']);
  must(server !== null || typeof body['home_location'] === 'string', 'bad-input');
  const location = locationOf(String(body['home_location'] ?? server?.['location']));
  const ip = body['type'] === 'ipv6' ? publicRange(state) : publicAddress(state);
  const floating = keep(turn, 'floating_ips', {
    ip,
    type: body['type'],
    description: body['description'] ?? null,
    location: location.name,
    server: server?.id ?? null,
  });
  return { status: 201, body: floatingIps.one(turn, floating), id: floating.id };
}

export function assignFloating(turn: Turn): Answer {
  const object = subject(turn, 'floating_ips');
  const server = referred(turn, 'servers', turn.body['server']);
  const also = [['servers', server.id]] as const;
  return act(turn, 'floating_ips', { object, command: 'assign_floating_ip', patch: { server: server.id }, also });
}

export function unassignFloating(turn: Turn): Answer {
  const object = subject(turn, 'floating_ips');
  return act(turn, 'floating_ips', { object, command: 'unassign_floating_ip', patch: { server: null } });
}

export const deleteFloating = floatingIps.remove((_turn, floating) =>
  must(floating['server'] === null, 'address-assigned'),
);
