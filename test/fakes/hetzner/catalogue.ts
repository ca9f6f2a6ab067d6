import type { Answer, Settings, Turn } from './model.ts';
import { page } from './pages.ts';
import { refuse } from './rules.ts';

interface Location {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly country: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly network_zone: string;
}

const place = (id: number, name: string, city: string, country: string, zone: string): Location => ({
  id,
  name,
  description: `${city} DC Park 1`,
  country,
  city,
  latitude: 50,
  longitude: 12,
  network_zone: zone,
});

export const LOCATIONS: readonly Location[] = [
  place(1, 'fsn1', 'Falkenstein', 'DE', 'eu-central'),
  place(2, 'nbg1', 'Nuremberg', 'DE', 'eu-central'),
  place(3, 'hel1', 'Helsinki', 'FI', 'eu-central'),
  place(4, 'ash', 'Ashburn, VA', 'US', 'us-east'),
  place(5, 'hil', 'Hillsboro, OR', 'US', 'us-west'),
  place(6, 'sin', 'Singapore', 'SG', 'ap-southeast'),
];

export function locationOf(name: string): Location {
  const found = LOCATIONS.find(location => location.name === name || String(location.id) === name);
  if (found === undefined) throw refuse('bad-reference', { field: 'location' });
  return found;
}

interface ServerType {
  readonly id: number;
  readonly name: string;
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
  readonly architecture: 'x86' | 'arm';
  readonly cpu: 'shared' | 'dedicated';
  /** Net price of a month by location. */
  readonly prices: { readonly [location: string]: string };
}

const EU = (price: string) => ({ fsn1: price, nbg1: price, hel1: price });

const SERVER_TYPES: readonly ServerType[] = [
  { id: 114, name: 'cx23', cores: 2, memory: 4, disk: 40, architecture: 'x86', cpu: 'shared', prices: EU('2.99') },
  { id: 115, name: 'cx33', cores: 4, memory: 8, disk: 80, architecture: 'x86', cpu: 'shared', prices: EU('4.99') },
  { id: 45, name: 'cax11', cores: 2, memory: 4, disk: 40, architecture: 'arm', cpu: 'shared', prices: EU('3.29') },
  {
    id: 22,
    name: 'cpx11',
    cores: 2,
    memory: 2,
    disk: 40,
    architecture: 'x86',
    cpu: 'shared',
    prices: { ...EU('3.85'), ash: '4.49', hil: '4.49', sin: '6.99' },
  },
  { id: 96, name: 'ccx13', cores: 2, memory: 8, disk: 80, architecture: 'x86', cpu: 'dedicated', prices: EU('11.99') },
];

const BALANCER_TYPES = [
  { id: 1, name: 'lb11', max_connections: 10_000, max_services: 5, max_targets: 25, price: '5.39' },
  { id: 2, name: 'lb21', max_connections: 20_000, max_services: 15, max_targets: 75, price: '16.40' },
  { id: 3, name: 'lb31', max_connections: 40_000, max_services: 30, max_targets: 150, price: '32.90' },
] as const;

const IMAGES = [
  { id: 67_794_396, name: 'ubuntu-24.04', flavor: 'ubuntu', version: '24.04', architecture: 'x86' },
  { id: 67_794_397, name: 'ubuntu-24.04', flavor: 'ubuntu', version: '24.04', architecture: 'arm' },
  { id: 114_690_387, name: 'debian-12', flavor: 'debian', version: '12', architecture: 'x86' },
  { id: 114_690_389, name: 'debian-12', flavor: 'debian', version: '12', architecture: 'arm' },
] as const;

/** An image by name, which each architecture has its own of, or by id. */
export function imageOf(name: string, architecture: string): (typeof IMAGES)[number] {
  const found = IMAGES.find(
    image => (image.name === name || String(image.id) === name) && image.architecture === architecture,
  );
  if (found === undefined) throw refuse('bad-reference', { field: 'image' });
  return found;
}

const both = (net: string) => ({ net, gross: (Number(net) * 1.19).toFixed(4) });
const hourly = (net: string) => both((Number(net) / 730).toFixed(6));
const priced = (prices: { readonly [location: string]: string }) =>
  Object.entries(prices).map(([location, net]) => ({
    location,
    price_monthly: both(net),
    price_hourly: hourly(net),
    included_traffic: 20 * 1024 ** 4,
    price_per_tb_traffic: both('1.00'),
  }));

export function typeOf(name: string): ServerType {
  const found = SERVER_TYPES.find(type => type.name === name || String(type.id) === name);
  if (found === undefined) throw refuse('bad-reference', { field: 'server_type' });
  return found;
}

export function isSoldOut(settings: Settings, type: string, location: string): boolean {
  return settings.soldOut.includes(`${type} ${location}`);
}

export function shownType(type: ServerType, settings: Settings): object {
  const { id, name, cores, memory, disk, architecture, cpu, prices } = type;
  return {
    id,
    name,
    description: name.toUpperCase(),
    category: cpu === 'shared' ? 'Shared vCPU' : 'Dedicated vCPU',
    cores,
    memory,
    disk,
    architecture,
    cpu_type: cpu,
    storage_type: 'local',
    deprecated: false,
    deprecation: null,
    prices: priced(prices),
    locations: LOCATIONS.filter(location => location.name in prices).map(location => ({
      id: location.id,
      name: location.name,
      deprecation: null,
      available: !isSoldOut(settings, name, location.name),
      recommended: false,
    })),
  };
}

export function balancerTypeOf(name: string): (typeof BALANCER_TYPES)[number] {
  const found = BALANCER_TYPES.find(type => type.name === name || String(type.id) === name);
  if (found === undefined) throw refuse('bad-reference', { field: 'load_balancer_type' });
  return found;
}

export function shownBalancerType(type: (typeof BALANCER_TYPES)[number]): object {
  const { price, ...rest } = type;
  return {
    ...rest,
    description: type.name.toUpperCase(),
    max_assigned_certificates: 10,
    deprecated: null,
    prices: priced(Object.fromEntries(LOCATIONS.map(({ name }) => [name, price]))),
  };
}

export function shownImage(image: (typeof IMAGES)[number]): object {
  return {
    id: image.id,
    type: 'system',
    status: 'available',
    name: image.name,
    description: image.name,
    image_size: null,
    disk_size: 5,
    created: '2024-05-01T00:00:00+00:00',
    created_from: null,
    bound_to: null,
    os_flavor: image.flavor,
    os_version: image.version,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: null,
    deleted: null,
    labels: {},
    architecture: image.architecture,
  };
}

const named = <T extends { readonly name: string }>({ query }: Turn, all: readonly T[]): readonly T[] => {
  const name = query.get('name');
  return name === null ? all : all.filter(one => one.name === name);
};

const one = <T extends { readonly id: number }>(turn: Turn, all: readonly T[]): T => {
  const found = all.find(({ id }) => String(id) === turn.args[0]);
  if (found === undefined) throw refuse('not-found');
  return found;
};

export const listLocations = (turn: Turn): Answer => page(turn, 'locations', named(turn, LOCATIONS));
export const getLocation = (turn: Turn): Answer => ({ status: 200, body: { location: one(turn, LOCATIONS) } });

export function listTypes(turn: Turn): Answer {
  const types = named(turn, SERVER_TYPES).map(type => shownType(type, turn.settings));
  return page(turn, 'server_types', types);
}

export const getType = (turn: Turn): Answer => ({
  status: 200,
  body: { server_type: shownType(one(turn, SERVER_TYPES), turn.settings) },
});

export const listBalancerTypes = (turn: Turn): Answer =>
  page(turn, 'load_balancer_types', named(turn, BALANCER_TYPES).map(shownBalancerType));

export function listImages(turn: Turn): Answer {
  const architecture = turn.query.getAll('architecture');
  const found = named(turn, IMAGES).filter(
    image => architecture.length === 0 || architecture.includes(image.architecture),
  );
  return page(turn, 'images', found.map(shownImage));
}

export const getImage = (turn: Turn): Answer => ({ status: 200, body: { image: shownImage(one(turn, IMAGES)) } });

export function getPricing(): Answer {
  const everywhere = (net: string) => Object.fromEntries(LOCATIONS.map(({ name }) => [name, net]));
  const typed = ({ id, name, prices }: Pick<ServerType, 'id' | 'name' | 'prices'>) => ({
    id,
    name,
    prices: priced(prices),
  });
  const addresses = (ipv4: string, ipv6: string, isHourly: boolean) =>
    (['ipv4', 'ipv6'] as const).map(type => ({
      type,
      prices: LOCATIONS.map(({ name }) => {
        const net = type === 'ipv4' ? ipv4 : ipv6;
        return { location: name, price_monthly: both(net), ...(isHourly ? { price_hourly: hourly(net) } : {}) };
      }),
    }));
  const pricing = {
    currency: 'EUR',
    vat_rate: '19.00',
    image: { price_per_gb_month: both('0.0110') },
    floating_ip: { price_monthly: both('3.0000') },
    floating_ips: addresses('3.0000', '1.0000', false),
    primary_ips: addresses('0.5000', '0.0000', true),
    traffic: { price_per_tb: both('1.00') },
    server_backup: { percentage: '20.0000000' },
    volume: { price_per_gb_month: both('0.0440') },
    server_types: SERVER_TYPES.map(typed),
    load_balancer_types: BALANCER_TYPES.map(type => typed({ ...type, prices: everywhere(type.price) })),
  };
  return { status: 200, body: { pricing } };
}

export function removed(): Answer {
  throw refuse('removed-endpoint');
}
