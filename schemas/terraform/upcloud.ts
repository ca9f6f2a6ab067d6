import type { Json } from '../json.ts';
import { parseRange } from '../parse/range.ts';
import {
  at,
  idAt,
  idOf,
  labelsAt,
  listAt,
  type ProviderTable,
  type Reading,
  Unsure,
  valueAt,
  wordAt,
} from './reading.ts';
import type { Instance, TerraformState } from './state.ts';

const id = idAt('id');
const labels = labelsAt('labels');

/** UpCloud: provider `UpCloudLtd/upcloud`. Its routers are networks here, and its networks subnets. */
export const upcloud: ProviderTable = {
  prefix: 'upcloud_',
  driver: 'upcloud',
  types: {
    upcloud_server_group: {
      kind: 'placement-group',
      id,
      name: at('title'),
      fields: {
        strategy: wordAt('anti_affinity_policy', { strict: 'spread', yes: 'spread' }),
        labels,
      },
    },
    upcloud_router: { kind: 'network', id, name: at('name'), fields: { ipRange: around, labels } },
    upcloud_network: {
      kind: 'subnet',
      id,
      name: at('name'),
      fields: { network: idAt('router'), ipRange: at('ip_network.0.address'), zone: at('zone'), labels },
    },
    upcloud_floating_ip_address: {
      kind: 'floating-ip',
      id,
      name: at('ip_address', 'id'),
      fields: {
        version: wordAt('family', { IPv4: 'ipv4', IPv6: 'ipv6' }),
        zone: at('zone'),
        server: serverByMac,
      },
    },
    upcloud_server: {
      kind: 'server',
      id,
      name: at('title', 'hostname'),
      fields: {
        size: at('plan'),
        image: at('template.0.storage'),
        zone: at('zone'),
        subnet: serverSubnet,
        placementGroup,
        publicIp: ({ attributes }) =>
          listAt(attributes, 'network_interface').some(each => valueAt(each, 'type') === 'public'),
        labels,
      },
    },
    upcloud_storage: {
      kind: 'volume',
      id,
      name: at('title'),
      fields: {
        sizeGib: at('size'),
        type: wordAt('tier', { maxiops: 'ssd', standard: 'ssd', hdd: 'hdd' }),
        zone: at('zone'),
        server: storageServer,
        labels,
      },
    },
    upcloud_loadbalancer: {
      kind: 'load-balancer',
      id,
      name: at('name'),
      fields: { size: at('plan'), zone: at('zone'), subnet: balancerSubnet, services, targets, labels },
    },
  },
  parts: [
    'upcloud_loadbalancer_backend',
    'upcloud_loadbalancer_frontend',
    'upcloud_loadbalancer_frontend_tls_config',
    'upcloud_loadbalancer_static_backend_member',
  ],
};

/** A router has no range of its own: the smallest one around its networks. */
function around(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const networks = state.where('upcloud_network', 'router', idOf(valueAt(attributes, 'id')) ?? '');
  const texts = networks.map(network => String(valueAt(network.attributes, 'ip_network.0.address') ?? ''));
  const ranges = texts.map(parseRange);
  const [first] = ranges;
  if (first === undefined || ranges.some(range => range?.version !== 4)) return undefined;
  const all = ranges.filter(range => range !== undefined);
  const low = all.reduce((least, { first: start }) => (start < least ? start : least), first.first);
  const high = all.reduce((most, { last }) => (last > most ? last : most), first.last);
  let prefix = 32n;
  while (prefix > 0n && low >> (32n - prefix) !== high >> (32n - prefix)) prefix -= 1n;
  const start = (low >> (32n - prefix)) << (32n - prefix);
  const bytes = [24n, 16n, 8n, 0n].map(shift => String((start >> shift) & 255n));
  const note = 'ipRange is a guess: the smallest range around its networks; write the one that you mean';
  return new Unsure(note, `${bytes.join('.')}/${prefix}`);
}

function interfacesOf(server: Instance): readonly Json[] {
  return listAt(server.attributes, 'network_interface');
}

function serverByMac(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const mac = valueAt(attributes, 'mac_address');
  if (mac === undefined) return undefined;
  const found = state
    .of('upcloud_server')
    .find(server => interfacesOf(server).some(each => valueAt(each, 'mac_address') === mac));
  return found === undefined
    ? new Unsure('it is at a server that the state does not have')
    : idOf(found.attributes['id']);
}

function serverSubnet(...[self]: Parameters<Reading>): ReturnType<Reading> {
  const networks = interfacesOf(self)
    .filter(each => valueAt(each, 'type') === 'private')
    .flatMap(each => idOf(valueAt(each, 'network')) ?? []);
  const found = [...new Set(networks)];
  if (found.length > 1) return new Unsure(`it is in ${found.length} subnets, and one can be described`);
  return found[0];
}

function placementGroup(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const own = idOf(valueAt(attributes, 'server_group'));
  if (own !== undefined) return own;
  const server = idOf(valueAt(attributes, 'id'));
  const group = state
    .of('upcloud_server_group')
    .find(each => listAt(each.attributes, 'members').map(idOf).includes(server));
  return idOf(group?.attributes['id']);
}

function storageServer(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const storage = idOf(valueAt(attributes, 'id'));
  const server = state
    .of('upcloud_server')
    .find(each => listAt(each.attributes, 'storage_devices').some(one => idOf(valueAt(one, 'storage')) === storage));
  return idOf(server?.attributes['id']);
}

function balancerSubnet(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const networks = listAt(attributes, 'networks').flatMap(each => idOf(valueAt(each, 'network')) ?? []);
  const found = [...new Set([...networks, ...[idOf(valueAt(attributes, 'network'))].flatMap(each => each ?? [])])];
  if (found.length > 1) return new Unsure(`it is in ${found.length} subnets, and one can be described`);
  return found[0];
}

/** The members behind each frontend, by the backend that it names. */
function frontsOf(balancer: Instance, state: TerraformState) {
  const owner = idOf(valueAt(balancer.attributes, 'id')) ?? '';
  const backends = state.where('upcloud_loadbalancer_backend', 'loadbalancer', owner);
  return state.where('upcloud_loadbalancer_frontend', 'loadbalancer', owner).map(({ attributes }) => {
    const backend = backends.find(each => each.attributes['name'] === attributes['default_backend_name']);
    const key = idOf(backend?.attributes['id']) ?? '';
    return { attributes, backend, members: state.where('upcloud_loadbalancer_static_backend_member', 'backend', key) };
  });
}

function services(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const found: { readonly [field: string]: Json }[] = [];
  for (const { attributes, backend, members } of frontsOf(self, state)) {
    const ports = new Set(members.map(member => valueAt(member.attributes, 'port')));
    const [targetPort] = ports;
    if (ports.size !== 1 || targetPort === undefined)
      return new Unsure('the members behind a frontend do not share one port');
    const isTls = listAt(attributes, 'tls_configs').length > 0;
    const path = valueAt(backend?.attributes, 'properties.0.health_check_url');
    found.push({
      protocol: isTls ? 'https' : (valueAt(attributes, 'mode') ?? null),
      listenPort: valueAt(attributes, 'port') ?? null,
      targetPort,
      ...(path === undefined ? {} : { healthPath: path }),
    });
  }
  return found.sort((a, b) => Number(a['listenPort']) - Number(b['listenPort']));
}

function targets(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const ids = new Set<string>();
  for (const { members } of frontsOf(self, state)) {
    for (const member of members) {
      const ip = valueAt(member.attributes, 'ip');
      const server = state
        .of('upcloud_server')
        .find(each => interfacesOf(each).some(link => valueAt(link, 'ip_address') === ip));
      const found = idOf(server?.attributes['id']);
      if (found === undefined) return new Unsure('a target is no server of the state');
      ids.add(found);
    }
  }
  return [...ids].sort();
}
