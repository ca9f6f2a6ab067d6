import type { Body } from './model.ts';

const PRICE = (net: string): Body => ({ net, gross: (Number(net) * 1.19).toFixed(4) });

function place(id: number, name: string, city: string, zone: string): Body {
  return {
    id,
    name,
    description: `${city} DC Park`,
    country: 'DE',
    city,
    latitude: 50.1,
    longitude: 12.3,
    network_zone: zone,
  };
}

export const LOCATIONS: readonly Body[] = [
  place(1, 'fsn1', 'Falkenstein', 'eu-central'),
  place(2, 'nbg1', 'Nuremberg', 'eu-central'),
  place(3, 'hel1', 'Helsinki', 'eu-central'),
  place(4, 'ash', 'Ashburn', 'us-east'),
];

function prices(monthly: string): Body[] {
  return LOCATIONS.map(({ name }) => ({
    location: name,
    price_hourly: PRICE('0.0100'),
    price_monthly: PRICE(monthly),
    included_traffic: 20,
    price_per_tb_traffic: PRICE('1.0000'),
  }));
}

function serverType(id: number, name: string, cores: number, memory: number, disk: number, monthly: string): Body {
  return {
    id,
    name,
    description: name.toUpperCase(),
    cores,
    memory,
    disk,
    architecture: 'x86',
    cpu_type: 'shared',
    storage_type: 'local',
    deprecated: false,
    deprecation: null,
    included_traffic: 20,
    prices: prices(monthly),
    locations: LOCATIONS.map(({ id: at, name: where }) => ({
      id: at,
      name: where,
      available: where !== 'ash',
      recommended: true,
      deprecation: null,
    })),
  };
}

export const SERVER_TYPES: readonly Body[] = [
  serverType(101, 'cx23', 2, 4, 40, '2.9900'),
  serverType(102, 'cx33', 4, 8, 80, '4.9900'),
  serverType(103, 'cpx12', 1, 2, 40, '3.9900'),
];

function balancerType(id: number, name: string, monthly: string): Body {
  return {
    id,
    name,
    description: name.toUpperCase(),
    max_connections: 10_000,
    max_services: 5,
    max_targets: 25,
    max_assigned_certificates: 10,
    deprecated: null,
    prices: prices(monthly),
  };
}

export const BALANCER_TYPES: readonly Body[] = [balancerType(1, 'lb11', '5.3900'), balancerType(2, 'lb21', '16.4000')];

function image(id: number, name: string, flavor: string, version: string): Body {
  return {
    id,
    type: 'system',
    status: 'available',
    name,
    description: name,
    image_size: null,
    disk_size: 5,
    created: '2025-01-01T00:00:00+00:00',
    created_from: null,
    bound_to: null,
    os_flavor: flavor,
    os_version: version,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: null,
    deleted: null,
    labels: {},
    architecture: 'x86',
  };
}

export const IMAGES: readonly Body[] = [
  image(201, 'debian-12', 'debian', '12'),
  image(202, 'debian-13', 'debian', '13'),
  image(203, 'ubuntu-24.04', 'ubuntu', '24.04'),
];

export const PRICING: Body = {
  currency: 'EUR',
  vat_rate: '19.000000',
  image: { price_per_gb_month: PRICE('0.0110') },
  floating_ip: { price_monthly: PRICE('3.0000') },
  floating_ips: [
    { type: 'ipv4', prices: LOCATIONS.map(({ name }) => ({ location: name, price_monthly: PRICE('3.0000') })) },
  ],
  primary_ips: [],
  traffic: { price_per_tb: PRICE('1.0000') },
  server_backup: { percentage: '20.0000' },
  server_types: [],
  load_balancer_types: [],
  volume: { price_per_gb_month: PRICE('0.0440') },
};
