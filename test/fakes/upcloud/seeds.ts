import type { JsonObject } from '../../../schemas/json.ts';
import type { Network, Settings, State, Storage } from './model.ts';

export const ZONES = [
  'de-fra1',
  'es-mad1',
  'fi-hel1',
  'fi-hel2',
  'nl-ams1',
  'pl-waw1',
  'sg-sin1',
  'uk-lon1',
  'us-chi1',
  'us-nyc1',
] as const;

/** Plans with cores, MiB, disk in GiB, and the price in credits per hour outside and inside fi-hel1, as UpCloud told them in 2022. */
const PLANS: readonly (readonly [string, number, number, number, number, number])[] = [
  ['1xCPU-1GB', 1, 1_024, 25, 0.744, 1.116],
  ['1xCPU-2GB', 1, 2_048, 50, 1.488, 2.2321],
  ['2xCPU-4GB', 2, 4_096, 80, 2.9761, 4.4642],
  ['4xCPU-8GB', 4, 8_192, 160, 5.9523, 8.9285],
  ['6xCPU-16GB', 6, 16_384, 320, 11.9047, 17.8571],
  ['8xCPU-32GB', 8, 32_768, 640, 23.8095, 35.7142],
  ['12xCPU-48GB', 12, 49_152, 960, 35.7142, 53.5714],
  ['16xCPU-64GB', 16, 65_536, 1_280, 47.619, 71.4285],
  ['20xCPU-96GB', 20, 98_304, 1_920, 71.4285, 107.1428],
  ['20xCPU-128GB', 20, 131_072, 2_048, 95.238, 142.8571],
];

export const PLAN_LIST: readonly JsonObject[] = PLANS.map(([name, cores, memory, disk]) => ({
  core_number: cores,
  memory_amount: memory,
  name,
  public_traffic_out: memory,
  storage_size: disk,
  storage_tier: 'maxiops',
}));

export function planNamed(name: string): { cores: number; memory: number; disk: number } | undefined {
  const plan = PLANS.find(([one]) => one === name);
  return plan === undefined ? undefined : { cores: plan[1], memory: plan[2], disk: plan[3] };
}

const one = (price: number, amount = 1): JsonObject => ({ amount, price });

export const PRICES: readonly JsonObject[] = ZONES.map(zone => {
  const dear = zone === 'fi-hel1';
  const each = (name: string, share: number): [string, JsonObject][] =>
    PLANS.map(plan => [`${name}_${plan[0]}`, one(Number(((dear ? plan[5] : plan[4]) * share).toFixed(4)))]);
  return {
    firewall: one(0.56),
    io_request_backup: one(0, 1_000_000),
    io_request_hdd: one(0, 1_000_000),
    io_request_maxiops: one(0, 1_000_000),
    ipv4_address: one(0.336),
    ipv6_address: one(0),
    name: zone,
    network_private_vlan: one(0.694),
    public_ipv4_bandwidth_in: one(0),
    public_ipv4_bandwidth_out: one(1),
    public_ipv6_bandwidth_in: one(0),
    public_ipv6_bandwidth_out: one(1),
    server_core: one(dear ? 1.24 : 1.12),
    server_memory: one(dear ? 0.34 : 0.14, 256),
    ...Object.fromEntries(each('server_plan', 1)),
    ...Object.fromEntries(each('simple_backup_dailies', 0.2)),
    simple_backup_extra_dailies: one(0.0069),
    simple_backup_extra_monthlies: one(0.0208),
    simple_backup_extra_weeklies: one(0.0138),
    ...Object.fromEntries(each('simple_backup_monthlies', 0.6)),
    ...Object.fromEntries(each('simple_backup_weeklies', 0.4)),
    storage_backup: one(0.0078),
    storage_hdd: one(0.0145),
    storage_maxiops: one(0.031),
    storage_template: one(0.031),
  };
});

export const BALANCER_PLANS: readonly JsonObject[] = [
  { name: 'development', per_server_max_sessions: 1_000, server_number: 1 },
  { name: 'production-small', per_server_max_sessions: 50_000, server_number: 2 },
];

/** Images: the last part of the id, the title, GiB, and whether it boots by cloud-init alone. */
const TEMPLATES: readonly (readonly [string, string, number, 'native' | 'cloud-init'])[] = [
  ['000020050100', 'Debian GNU/Linux 10 (Buster)', 3, 'native'],
  ['000020060100', 'Debian GNU/Linux 11 (Bullseye)', 3, 'native'],
  ['000020070100', 'Debian GNU/Linux 12 (Bookworm)', 3, 'cloud-init'],
  ['000030200200', 'Ubuntu Server 20.04 LTS (Focal Fossa)', 4, 'native'],
  ['000030240200', 'Ubuntu Server 24.04 LTS (Noble Numbat)', 4, 'cloud-init'],
];
const CDROMS: readonly (readonly [string, string])[] = [
  ['000020060101', 'Debian GNU/Linux 11.0.0 (Bullseye) Installation CD'],
  ['000080010101', 'VyOS'],
];

function publicStorage(tail: string, title: string, size: number, type: 'template' | 'cdrom'): Storage {
  return {
    uuid: `01000000-0000-4000-8000-${tail}`,
    title,
    zone: '',
    size,
    tier: 'maxiops',
    type,
    access: 'public',
    state: 'online',
    next: null,
    encrypted: 'no',
    license: 0,
    created: 0,
    labels: [],
    backupRule: {},
    backups: [],
    origin: null,
    templateType: null,
    imported: null,
  };
}

function networksOf(zone: string, at: number): Network[] {
  const id = (kind: number): string =>
    `03000000-0000-4000-8${String(kind).padStart(3, '0')}-${String(at).padStart(12, '0')}`;
  const ip = (address: string, gateway: string, family: string, more: JsonObject): JsonObject => ({
    address,
    dhcp: 'yes',
    dhcp_default_route: 'yes',
    dhcp_dns: ['94.237.127.9', '94.237.40.9'],
    family,
    gateway,
    ...more,
  });
  const rest = { zone, router: null, labels: [] };
  const six = `2a04:3540:1000:${at + 16}::`;
  return [
    {
      ...rest,
      uuid: id(1),
      name: `Public 94.237.${at}.0/24`,
      type: 'public',
      ip: ip(`94.237.${at}.0/24`, `94.237.${at}.1`, 'IPv4', {}),
    },
    { ...rest, uuid: id(2), name: `Public ${six}/64`, type: 'public', ip: ip(`${six}/64`, `${six}1`, 'IPv6', {}) },
    {
      ...rest,
      uuid: id(3),
      router: `04000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      name: `Utility network ${zone}`,
      type: 'utility',
      ip: ip(`10.${at}.0.0/16`, `10.${at}.0.1`, 'IPv4', { dhcp_default_route: 'no', dhcp_routes: ['10.0.0.0/8'] }),
    },
  ];
}

/** An account in which nothing was made yet. */
export function freshState(): State {
  const networks = ZONES.flatMap((zone, at) => networksOf(zone, at));
  const templates = TEMPLATES.map(([tail, title, size, templateType]) => ({
    ...publicStorage(tail, title, size, 'template'),
    templateType,
  }));
  const cdroms = CDROMS.map(([tail, title]) => publicStorage(tail, title, 1, 'cdrom'));
  const routers = networks.flatMap(({ router, zone }) =>
    router === null
      ? []
      : [
          {
            uuid: router,
            name: `Utility network router for zone ${zone}`,
            type: 'service' as const,
            labels: [],
            routes: [],
          },
        ],
  );
  return {
    serial: 0,
    servers: {},
    storages: Object.fromEntries([...templates, ...cdroms].map(storage => [storage.uuid, storage])),
    networks: Object.fromEntries(networks.map(network => [network.uuid, network])),
    routers: Object.fromEntries(routers.map(router => [router.uuid, router])),
    groups: {},
    balancers: {},
    bundles: {},
    addresses: {},
    tags: {},
    hosts: [],
  };
}

export const SETTINGS: Settings = {
  token: null,
  username: 'fake-account',
  actionMs: 0,
  latencyMs: 0,
  requestsPerSecond: null,
  limits: {
    cores: 200,
    detached_floating_ips: 10,
    load_balancers: 50,
    memory: 1_048_576,
    networks: 100,
    public_ipv4: 100,
    public_ipv6: 100,
    routers: 100,
    storage_hdd: 10_240,
    storage_maxiops: 10_240,
    storage_ssd: 10_240,
  },
};
