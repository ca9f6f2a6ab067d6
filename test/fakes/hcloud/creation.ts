import { createHash } from 'node:crypto';
import { BALANCER_TYPES, IMAGES, LOCATIONS, SERVER_TYPES } from './catalogue.ts';
import { attach, locationNamed, moveVolume, regroup, targetOf, addSubnet } from './effects.ts';
import { type Body, Refusal, type State } from './model.ts';

export interface Made {
  readonly body: Body;
  /** Commands of the actions that run now; the first belongs to the creation itself. */
  readonly commands: readonly string[];
}

const invalid = (message: string): Refusal => new Refusal(422, 'invalid_input', message);

function found(state: State, collection: string, id: unknown): Body {
  const object = state.objects[collection]?.[Number(id)];
  if (object === undefined) throw new Refusal(404, 'not_found', `${collection} ${String(id)} not found`);
  return object;
}

/** Builds an object of a collection from the body of its creation, with its id. */
export function made(state: State, collection: string, id: number, input: Body): Made {
  const make = MAKERS[collection];
  if (make === undefined) throw new Refusal(404, 'not_found', 'no such path');
  return make(state, id, input);
}

const MAKERS: { readonly [collection: string]: (state: State, id: number, input: Body) => Made } = {
  ssh_keys(state, _id, input) {
    const key = String(input['public_key']);
    const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64');
    const fingerprint = createHash('md5')
      .update(blob)
      .digest('hex')
      .replace(/..(?=.)/g, '$&:');
    if (
      Object.values(state.objects['ssh_keys'] ?? {}).some(
        one => one['fingerprint'] === fingerprint && input['force'] !== true,
      )
    )
      throw new Refusal(409, 'uniqueness_error', 'SSH key not unique');
    return { body: { fingerprint, public_key: key }, commands: [] };
  },
  placement_groups: (_state, _id, input) => ({ body: { type: input['type'], servers: [] }, commands: [] }),
  networks(_state, _id, input) {
    const network: Body = {
      ip_range: input['ip_range'],
      subnets: [],
      routes: [],
      servers: [],
      load_balancers: [],
      expose_routes_to_vswitch: false,
      protection: { delete: false },
    };
    for (const subnet of (input['subnets'] ?? []) as Body[]) addSubnet(network, subnet);
    return { body: network, commands: [] };
  },
  firewalls(state, id, input) {
    const applied = ((input['apply_to'] ?? []) as Body[]).map(one => ({ ...one, applied_to_resources: [] }));
    for (const one of applied as Body[]) applyFirewall(found(state, 'servers', (one['server'] as Body)['id']), id);
    return { body: { rules: shownRules(input['rules']), applied_to: applied }, commands: [] };
  },
  volumes(state, id, input) {
    const server = input['server'] === undefined ? undefined : found(state, 'servers', input['server']);
    const location = server === undefined ? locationNamed(input['location']) : (server['location'] as Body);
    if (location === undefined) throw invalid('location is missing');
    return {
      body: {
        size: input['size'],
        status: 'creating',
        location,
        server: null,
        linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${id}`,
        format: input['format'] ?? null,
        protection: { delete: false },
      },
      commands: ['create_volume', ...(server === undefined ? [] : ['attach_volume'])],
    };
  },
  floating_ips(state, id, input) {
    const server = input['server'] === undefined ? null : found(state, 'servers', input['server']);
    const location = server === null ? locationNamed(input['home_location']) : (server['location'] as Body);
    if (location === undefined) throw invalid('home_location is missing');
    const ip = input['type'] === 'ipv6' ? `2001:db8:${id}::` : `203.0.113.${id % 250}`;
    return {
      body: {
        description: input['description'] ?? null,
        ip,
        type: input['type'],
        server: server === null ? null : server['id'],
        dns_ptr: [],
        home_location: location,
        blocked: false,
        protection: { delete: false },
      },
      commands: [],
    };
  },
  load_balancers: balancer,
  servers: server,
};

function balancer(state: State, id: number, input: Body): Made {
  const type = BALANCER_TYPES.find(one => one['name'] === input['load_balancer_type']);
  const location =
    locationNamed(input['location']) ?? LOCATIONS.find(one => one['network_zone'] === input['network_zone']);
  if (type === undefined || location === undefined) throw invalid('invalid type or location');
  const network = input['network'] === undefined ? null : found(state, 'networks', input['network']);
  for (const target of (input['targets'] ?? []) as Body[]) found(state, 'servers', (target['server'] as Body)['id']);
  return {
    body: {
      load_balancer_type: type,
      location,
      algorithm: input['algorithm'] ?? { type: 'round_robin' },
      services: input['services'] ?? [],
      targets: ((input['targets'] ?? []) as Body[]).map(targetOf),
      public_net: {
        enabled: true,
        ipv4: { ip: `198.51.100.${id % 250}`, dns_ptr: null },
        ipv6: { ip: '2001:db8::1', dns_ptr: null },
      },
      private_net: network === null ? [] : [{ network: network['id'], ip: `10.1.1.${id % 250}` }],
      included_traffic: 20_000,
      ingoing_traffic: null,
      outgoing_traffic: null,
      protection: { delete: false },
    },
    commands: ['create_load_balancer'],
  };
}

function server(state: State, id: number, input: Body): Made {
  const type = SERVER_TYPES.find(one => one['name'] === input['server_type']);
  const image = IMAGES.find(one => one['name'] === input['image']);
  const location = locationNamed(input['location'] ?? 'fsn1');
  if (type === undefined) throw new Refusal(422, 'invalid_server_type', 'unknown server type');
  if (image === undefined || location === undefined) throw invalid('unknown image or location');
  const keys = (input['ssh_keys'] ?? []) as unknown[];
  for (const key of keys) found(state, 'ssh_keys', key);
  const firewalls = ((input['firewalls'] ?? []) as Body[]).map(one => found(state, 'firewalls', one['firewall']));
  for (const network of (input['networks'] ?? []) as unknown[]) found(state, 'networks', network);
  if (input['placement_group'] !== undefined) found(state, 'placement_groups', input['placement_group']);
  const net = (input['public_net'] ?? {}) as Body;
  const ip = { id, ip: `192.0.2.${id % 250}`, blocked: false, dns_ptr: 'static.example.com' };
  const ipv6 = { id: id + 1, ip: `2001:db8:${id}::/64`, blocked: false, dns_ptr: [] };
  const isPublic = net['enable_ipv4'] !== false;
  if (!isPublic && firewalls.length > 0)
    throw new Refusal(422, 'private_net_only_server', 'firewalls need a public interface');
  for (const firewall of firewalls)
    (firewall['applied_to'] as Body[]).push({ type: 'server', server: { id }, applied_to_resources: [] });
  const starts = input['start_after_create'] !== false;
  return {
    body: {
      status: 'initializing',
      locked: false,
      rescue_enabled: false,
      backup_window: null,
      primary_disk_size: 40,
      server_type: type,
      location,
      image,
      iso: null,
      public_net: {
        ipv4: isPublic ? ip : null,
        ipv6: net['enable_ipv6'] === false ? null : ipv6,
        floating_ips: [],
        firewalls: firewalls.map(one => ({ id: one['id'], status: 'applied' })),
      },
      private_net: [],
      volumes: [],
      load_balancers: [],
      placement_group: null,
      protection: { delete: false, rebuild: false },
      included_traffic: 20_000,
      ingoing_traffic: null,
      outgoing_traffic: null,
    },
    commands: ['create_server', ...(starts ? ['start_server'] : [])],
  };
}

/** What is true of a new object from the first moment on, although an action still runs. */
export function join(state: State, collection: string, object: Body, input: Body): void {
  const id = Number(object['id']);
  if (collection === 'servers') {
    for (const network of (input['networks'] ?? []) as unknown[]) attach(state, object, { network });
    if (input['placement_group'] !== undefined) regroup(state, id, Number(input['placement_group']));
  }
  if (collection === 'volumes' && input['server'] !== undefined) moveVolume(state, id, Number(input['server']));
}

export function applyFirewall(server: Body, firewall: number): void {
  const net = server['public_net'] as Body;
  if (net['ipv4'] === null && net['ipv6'] === null)
    throw new Refusal(422, 'private_net_only_server', 'firewalls need a public interface');
  (net['firewalls'] as Body[]).push({ id: firewall, status: 'applied' });
}

/** Rules as they are shown: every list is there, and what was not said is null. */
export function shownRules(rules: unknown): Body[] {
  return ((rules ?? []) as Body[]).map(rule => ({
    description: null,
    source_ips: [],
    destination_ips: [],
    port: null,
    ...rule,
  }));
}
