import { begin, isLocked, mustBeFree, shownAction, time } from './actions.ts';
import { publicAddress, publicRange } from './addresses.ts';
import { imageOf, isSoldOut, locationOf, shownImage, shownType, typeOf } from './catalogue.ts';
import { firewallsOn } from './firewalls.ts';
import type { Answer, Effect, Fields, Kept, State, Turn } from './model.ts';
import { freeAddress, placesOf, subnetsOf } from './networks.ts';
import { act, keep, referred, requestsOf, subject } from './objects.ts';
import { shownGroup } from './keys.ts';
import { must, refuse } from './rules.ts';

export function shownServer(state: State, server: Kept, turn: Turn): object {
  const type = typeOf(String(server['server_type']));
  const group = state.placement_groups[String(server['placement_group'])];
  const ipv4 = server['ipv4'] as string | null;
  const ipv6 = server['ipv6'] as string | null;
  const having = (objects: { readonly [id: string]: Kept }): number[] =>
    Object.values(objects)
      .filter(one => one['server'] === server.id)
      .map(({ id }) => id);
  return {
    id: server.id,
    name: server.name,
    status: server['status'],
    created: time(server.created),
    public_net: {
      ipv4: ipv4 === null ? null : { id: server.id * 10, ip: ipv4, blocked: false, dns_ptr: `${ipv4}.example.org` },
      ipv6: ipv6 === null ? null : { id: server.id * 10 + 1, ip: ipv6, blocked: false, dns_ptr: [] },
      floating_ips: having(state.floating_ips),
      firewalls: firewallsOn(state, server.id).map(id => ({ id, status: 'applied' })),
    },
    private_net: placesOf(server).map(({ network, ip }) => ({
      network,
      ip,
      alias_ips: [],
      mac_address: '86:00:ff:2a:7d:e1',
    })),
    server_type: shownType(type, turn.settings),
    location: locationOf(String(server['location'])),
    image: shownImage(imageOf(String(server['image']), type.architecture)),
    iso: null,
    rescue_enabled: false,
    // A server that is just being made is not shown as locked, although it takes no orders.
    locked: server['status'] !== 'initializing' && isLocked(state, 'servers', server.id),
    backup_window: null,
    outgoing_traffic: 0,
    ingoing_traffic: 0,
    included_traffic: 20 * 1024 ** 4,
    protection: { delete: server.protection.delete, rebuild: server.protection.rebuild ?? false },
    labels: server.labels,
    volumes: having(state.volumes),
    load_balancers: Object.values(state.load_balancers)
      .filter(one => (one['targets'] as { server: number }[]).some(target => target.server === server.id))
      .map(({ id }) => id),
    primary_disk_size: server['disk'],
    placement_group: group === undefined ? null : shownGroup(state, group),
  };
}

export const servers = requestsOf('servers', shownServer);

const HOSTNAME =
  /^(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

interface Nets {
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export function createServer(turn: Turn): Answer {
  const { body, state, settings } = turn;
  must(HOSTNAME.test(String(body['name'])), 'bad-hostname');
  const type = typeOf(String(body['server_type']));
  const location = locationOf(String(body['location'] ?? 'fsn1'));
  must(location.name in type.prices, 'bad-input');
  must(!isSoldOut(settings, type.name, location.name), 'sold-out');
  const image = imageOf(String(body['image']), type.architecture);
  for (const key of (body['ssh_keys'] ?? []) as (string | number)[]) knownKey(turn, key);
  const networks = ((body['networks'] ?? []) as number[]).map(id => referred(turn, 'networks', id));
  const firewalls = ((body['firewalls'] ?? []) as { firewall: number }[]).map(one =>
    referred(turn, 'firewalls', one.firewall),
  );
  const group = body['placement_group'];
  if (group !== undefined) mustHaveRoom(turn, Number(group));
  const net = (body['public_net'] ?? {}) as Nets;
  const starts = body['start_after_create'] !== false;
  const isPublic = net.enable_ipv4 !== false || net.enable_ipv6 !== false;
  must(isPublic || networks.length > 0 || !starts, 'server-without-net');
  must(isPublic || firewalls.length === 0, 'firewall-needs-public');
  const places = networks.map(one => ({
    network: one.id,
    ip: freeAddress(turn, one, { zone: location.network_zone }),
  }));
  const server = keep(turn, 'servers', {
    status: 'initializing',
    server_type: type.name,
    disk: type.disk,
    location: location.name,
    image: image.name,
    ipv4: net.enable_ipv4 === false ? null : publicAddress(state),
    ipv6: net.enable_ipv6 === false ? null : publicRange(state),
    private_net: [],
    placement_group: group ?? null,
    protection: { delete: false, rebuild: false },
  });
  for (const firewall of firewalls) firewall['applied_to'] = [...(firewall['applied_to'] as number[]), server.id];
  const did = (command: string, patch: Fields) =>
    begin(turn, { command, on: [['servers', server.id]], effects: [{ collection: 'servers', id: server.id, patch }] });
  const created = did('create_server', { status: 'off', private_net: places });
  const next = [
    ...places.map(() => did('attach_to_network', {})),
    ...(starts ? [did('start_server', { status: 'running' })] : []),
  ];
  return {
    status: 201,
    body: {
      ...servers.one(turn, server),
      action: shownAction(created),
      next_actions: next.map(shownAction),
      root_password: Array.isArray(body['ssh_keys']) && body['ssh_keys'].length > 0 ? null : 'fake-root-password',
    },
    id: server.id,
  };
}

function knownKey(turn: Turn, key: string | number): void {
  const { ssh_keys: keys } = turn.state;
  must(
    Object.values(keys).some(one => String(one.id) === String(key) || one.name === key),
    'bad-reference',
  );
}

const GROUP_SIZE = 10;

function mustHaveRoom(turn: Turn, id: number): void {
  const group = referred(turn, 'placement_groups', id);
  const members = Object.values(turn.state.servers).filter(server => server['placement_group'] === group.id);
  must(members.length < GROUP_SIZE, 'group-full');
}

/** Lets go of everything, and is gone when the action ends. */
export function deleteServer(turn: Turn): Answer {
  const server = subject(turn, 'servers');
  must(!server.protection.delete, 'protected');
  mustBeFree(turn, 'servers', server.id);
  const { state } = turn;
  const held = (['volumes', 'floating_ips'] as const).flatMap(collection =>
    Object.values(state[collection])
      .filter(one => one['server'] === server.id)
      .map((one): Effect => ({ collection, id: one.id, patch: { server: null } })),
  );
  const targets = Object.values(state.load_balancers).map((one): Effect => {
    const left = (one['targets'] as { server: number }[]).filter(target => target.server !== server.id);
    return { collection: 'load_balancers', id: one.id, patch: { targets: left } };
  });
  const effects = [...held, ...targets, { collection: 'servers', id: server.id, gone: true } as const];
  const action = begin(turn, { command: 'delete_server', on: [['servers', server.id]], effects });
  return { status: 200, body: { action: shownAction(action) }, id: server.id };
}

/** An action that ends with a status. */
export function power(command: string, status: string): (turn: Turn) => Answer {
  return turn => {
    const object = subject(turn, 'servers');
    must(
      status === 'off' || object['ipv4'] !== null || object['ipv6'] !== null || placesOf(object).length > 0,
      'server-without-net',
    );
    return act(turn, 'servers', { object, command, patch: { status } });
  };
}

/** The action ends when the machine was told; it stops some time later, or never. */
export function shutdown(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  const answer = act(turn, 'servers', { object, command: 'shutdown_server' });
  const { shutdownMs, actionMs } = turn.settings;
  if (object['status'] === 'running' && shutdownMs !== null) {
    // Not one of the API's: it stands for the machine itself, and locks nothing.
    turn.state.serial += 1;
    turn.state.actions[turn.state.serial] = {
      id: turn.state.serial,
      command: 'machine_stops',
      started: turn.now,
      endsAt: turn.now + actionMs + shutdownMs,
      resources: [],
      error: null,
      effects: [{ collection: 'servers', id: object.id, patch: { status: 'off' } }],
      isSettled: false,
    };
  }
  return answer;
}

export function changeType(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  mustBeFree(turn, 'servers', object.id);
  const [before, type] = [typeOf(String(object['server_type'])), typeOf(String(turn.body['server_type']))];
  must(object['status'] === 'off', 'off-for-size');
  must(type.architecture === before.architecture && type.disk >= Number(object['disk']), 'disk-too-small');
  must(String(object['location']) in type.prices, 'bad-input');
  must(!isSoldOut(turn.settings, type.name, String(object['location'])), 'sold-out');
  const disk = turn.body['upgrade_disk'] === true ? type.disk : object['disk'];
  return act(turn, 'servers', { object, command: 'change_server_type', patch: { server_type: type.name, disk } });
}

export function attachServer(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  const network = referred(turn, 'networks', turn.body['network']);
  mustBeFree(turn, 'servers', object.id);
  must(
    placesOf(object).every(place => place.network !== network.id),
    'already-in-network',
  );
  const { ip_range: range, ip } = turn.body as { readonly ip_range?: string; readonly ip?: string };
  const zone = locationOf(String(object['location'])).network_zone;
  if (range !== undefined && subnetsOf(network).every(subnet => subnet.ip_range !== range)) throw refuse('no-subnet');
  const wanted = { zone, ...(range === undefined ? {} : { range }), ...(ip === undefined ? {} : { ip }) };
  const place = { network: network.id, ip: freeAddress(turn, network, wanted) };
  const patch = { private_net: [...placesOf(object), place] };
  return act(turn, 'servers', { object, command: 'attach_to_network', patch, also: [['networks', network.id]] });
}

export function detachServer(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  const left = placesOf(object).filter(place => place.network !== turn.body['network']);
  must(left.length < placesOf(object).length, 'not-in-network');
  return act(turn, 'servers', { object, command: 'detach_from_network', patch: { private_net: left } });
}

export function joinGroup(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  must(object['status'] === 'off', 'off-for-group');
  const group = Number(turn.body['placement_group']);
  mustHaveRoom(turn, group);
  return act(turn, 'servers', { object, command: 'add_to_placement_group', patch: { placement_group: group } });
}

export function leaveGroup(turn: Turn): Answer {
  const object = subject(turn, 'servers');
  return act(turn, 'servers', { object, command: 'remove_from_placement_group', patch: { placement_group: null } });
}
