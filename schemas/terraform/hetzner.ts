import type { Json } from '../json.ts';
import {
  at,
  firstOf,
  idAt,
  idFrom,
  idOf,
  idsAt,
  labelsAt,
  listAt,
  type ProviderTable,
  rangeOf,
  type Reading,
  Unsure,
  valueAt,
  wordAt,
} from './reading.ts';

const labels = labelsAt('labels');
const id = idAt('id');
const name = at('name');

/** Hetzner Cloud: provider `hetznercloud/hcloud`. */
export const hetzner: ProviderTable = {
  prefix: 'hcloud_',
  driver: 'hetzner',
  types: {
    hcloud_ssh_key: { kind: 'ssh-key', id, name, fields: { publicKey: keyText, labels } },
    hcloud_placement_group: { kind: 'placement-group', id, name, fields: { strategy: at('type'), labels } },
    hcloud_network: { kind: 'network', id, name, fields: { ipRange: at('ip_range'), labels } },
    hcloud_network_subnet: {
      kind: 'subnet',
      // A subnet has neither an id nor a name of its own: both clouds' clients call it by its network and range.
      id,
      name: subnetName,
      fields: { network: idAt('network_id'), ipRange: at('ip_range'), zone: at('network_zone') },
    },
    hcloud_firewall: { kind: 'firewall', id, name, fields: { rules, labels } },
    hcloud_floating_ip: {
      kind: 'floating-ip',
      id,
      name,
      fields: {
        version: at('type'),
        zone: at('home_location'),
        server: firstOf(
          idAt('server_id'),
          idFrom('hcloud_floating_ip_assignment', { mine: 'floating_ip_id', theirs: 'server_id' }),
        ),
        labels,
      },
    },
    hcloud_server: {
      kind: 'server',
      id,
      name,
      fields: {
        size: at('server_type'),
        image: at('image'),
        zone: at('location'),
        sshKeys,
        subnet: serverSubnet,
        firewalls,
        placementGroup: idAt('placement_group_id'),
        publicIp,
        labels,
      },
    },
    hcloud_volume: {
      kind: 'volume',
      id,
      name,
      fields: {
        sizeGib: at('size'),
        zone: at('location'),
        server: firstOf(
          idAt('server_id'),
          idFrom('hcloud_volume_attachment', { mine: 'volume_id', theirs: 'server_id' }),
        ),
        format: at('format'),
        labels,
      },
    },
    hcloud_load_balancer: {
      kind: 'load-balancer',
      id,
      name,
      fields: {
        size: at('load_balancer_type'),
        zone: at('location'),
        subnet: idFrom('hcloud_load_balancer_network', { mine: 'load_balancer_id', theirs: 'subnet_id' }),
        algorithm: wordAt('algorithm.0.type', { round_robin: 'round-robin', least_connections: 'least-connections' }),
        services,
        targets,
        labels,
      },
    },
  },
  parts: [
    'hcloud_firewall_attachment',
    'hcloud_floating_ip_assignment',
    'hcloud_load_balancer_network',
    'hcloud_load_balancer_service',
    'hcloud_load_balancer_target',
    'hcloud_server_network',
    'hcloud_volume_attachment',
  ],
};

function keyText(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const text = valueAt(attributes, 'public_key');
  return typeof text === 'string' ? text.trim() : undefined;
}

function subnetName(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const [network] = state.where('hcloud_network', 'id', String(idOf(valueAt(attributes, 'network_id')) ?? ''));
  const range = String(valueAt(attributes, 'ip_range') ?? '');
  return `${String(valueAt(network?.attributes, 'name') ?? 'subnet')} ${range}`;
}

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'icmp'];

function rules(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const found: Json[] = [];
  for (const rule of listAt(attributes, 'rule')) {
    const direction = String(valueAt(rule, 'direction') ?? '');
    const protocol = String(valueAt(rule, 'protocol') ?? '');
    if (!PROTOCOLS.includes(protocol)) return new Unsure(`a rule has the protocol ${protocol}, which has no word here`);
    const port = valueAt(rule, 'port');
    const description = valueAt(rule, 'description');
    const ranges = listAt(rule, direction === 'out' ? 'destination_ips' : 'source_ips');
    found.push({
      direction,
      protocol,
      ...(typeof port !== 'string' || port === 'any' ? {} : { port: /^\d+$/.test(port) ? Number(port) : port }),
      ...(ranges.length === 0 ? {} : { sources: ranges.map(range => rangeOf(String(range))) }),
      ...(description === undefined ? {} : { description }),
    });
  }
  return found;
}

/** The state holds what a person wrote: ids or names. */
function sshKeys(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  return listAt(attributes, 'ssh_keys').map(key => {
    const [named] = state.where('hcloud_ssh_key', 'name', String(key));
    return idOf(valueAt(named?.attributes, 'id')) ?? String(key);
  });
}

/** By the interface's own subnet, else by the only subnet of its network. */
function serverSubnet(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const own = listAt(attributes, 'network');
  const joined = state.where('hcloud_server_network', 'server_id', String(idOf(valueAt(attributes, 'id')) ?? ''));
  const links = [...own, ...joined.map(each => each.attributes)];
  const found = new Set<string>();
  for (const link of links) {
    const subnet = idOf(valueAt(link, 'subnet_id'));
    const network = idOf(valueAt(link, 'network_id')) ?? '';
    const within = state.where('hcloud_network_subnet', 'network_id', network);
    const only = within.length === 1 ? idOf(valueAt(within[0]?.attributes, 'id')) : undefined;
    found.add(subnet ?? only ?? `a subnet of the network ${network}`);
  }
  if (found.size > 1) return new Unsure(`it is in ${found.size} subnets, and one can be described`);
  return [...found][0];
}

function firewalls(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const ids = new Set(idsAt('firewall_ids')(self, state) as readonly string[]);
  const server = idOf(valueAt(self.attributes, 'id')) ?? '';
  for (const { attributes } of state.of('hcloud_firewall_attachment')) {
    const firewall = idOf(valueAt(attributes, 'firewall_id'));
    const servers = listAt(attributes, 'server_ids').map(idOf);
    if (firewall !== undefined && servers.includes(server)) ids.add(firewall);
  }
  return [...ids].sort();
}

function publicIp(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const has = ['ipv4_address', 'ipv6_address'].some(attribute => valueAt(attributes, attribute) !== undefined);
  return has || listAt(attributes, 'public_net').some(net => isOn(net, 'ipv4_enabled') || isOn(net, 'ipv6_enabled'));
}

function isOn(value: Json, attribute: string): boolean {
  return valueAt(value, attribute) === true;
}

function services(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const balancer = idOf(valueAt(self.attributes, 'id')) ?? '';
  const found = state.where('hcloud_load_balancer_service', 'load_balancer_id', balancer);
  return found
    .map(({ attributes }) => {
      const health = valueAt(attributes, 'health_check.0.http.0.path');
      return {
        protocol: valueAt(attributes, 'protocol') ?? null,
        listenPort: valueAt(attributes, 'listen_port') ?? null,
        targetPort: valueAt(attributes, 'destination_port') ?? null,
        ...(health === undefined ? {} : { healthPath: health }),
      };
    })
    .sort((a, b) => Number(a.listenPort) - Number(b.listenPort));
}

function targets(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const balancer = idOf(valueAt(self.attributes, 'id')) ?? '';
  const found = state.where('hcloud_load_balancer_target', 'load_balancer_id', balancer);
  const servers = found.map(({ attributes }) => idOf(valueAt(attributes, 'server_id')));
  if (servers.includes(undefined)) return new Unsure('a target is no server');
  return (servers as readonly string[]).toSorted();
}
