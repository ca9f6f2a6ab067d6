import { type Actions, type Fields, OWNER, type Settings, type State, type Turn } from './model.ts';
import { make, newId } from './objects.ts';
import { filterOf, page } from './pages.ts';
import { networkWith } from './networks.ts';

export const SETTINGS: Settings = {
  credentials: null,
  account: OWNER,
  region: 'us-east-1',
  zones: ['us-east-1a', 'us-east-1b'],
  sizes: ['t3.micro', 't3.small', 't3.medium', 't3.large', 'm7g.large'],
  actionMs: 0,
  latencyMs: 0,
  lagMs: 0,
  skewMs: 0,
  pageSize: 1_000,
  requestsPerSecond: null,
  limits: {},
  stock: {},
};

/** Images of publishers, the last one of a name the newest. */
export const IMAGES = [
  image(1, '136693071363', 'debian-12-amd64-20260101', '2026-01-01T00:00:00.000Z'),
  image(2, '136693071363', 'debian-12-amd64-20260601', '2026-06-01T00:00:00.000Z'),
  image(3, '136693071363', 'debian-12-arm64-20260601', '2026-06-01T00:00:00.000Z'),
  image(4, '999999999999', 'debian-12-amd64-20991231', '2099-12-31T00:00:00.000Z'),
];

function image(serial: number, owner: string, name: string, created: string) {
  const id = `ami-${String(serial).padStart(17, '0')}`;
  return { serial, id, owner, name, created, tags: {} };
}

/** An account as it is on its first day: one network that nobody made, with a subnet in each zone. */
export function freshState(settings: Settings, now: number): State {
  const state: State = {
    serial: 0,
    vpcs: {},
    gateways: {},
    routeTables: {},
    subnets: {},
    groups: {},
    keys: {},
    placements: {},
    addresses: {},
    instances: {},
    volumes: {},
    balancers: {},
    targetGroups: {},
    listeners: {},
  };
  const turn: Turn = { state, settings: { ...settings, lagMs: 0 }, now, bend: {}, input: {} };
  const home = networkWith(turn, { cidr: '172.31.0.0/16', tags: {}, isDefault: true });
  make(turn, state.gateways, { id: newId(state, 'igw'), own: { vpc: home.id } });
  for (const [at, zone] of settings.zones.entries()) {
    make(turn, state.subnets, {
      id: newId(state, 'subnet'),
      own: { vpc: home.id, cidr: `172.31.${at * 16}.0/20`, zone },
    });
  }
  return state;
}

export const CATALOGUE: Actions = {
  GetCallerIdentity: ({ settings }) => ({ Account: settings.account }),
  DescribeAvailabilityZones: ({ settings }) => ({
    AvailabilityZones: settings.zones.map(ZoneName => ({ ZoneName, State: 'available' })),
  }),
  DescribeInstanceTypeOfferings(turn) {
    const { sizes, zones } = turn.settings;
    const offers = sizes.flatMap(size => zones.map(zone => ({ size, zone })));
    const numbered = offers.map((offer, serial) => ({ ...offer, serial }));
    return page(turn, numbered, {
      field: 'InstanceTypeOfferings',
      sizes: [5, 1_000],
      show: ({ size, zone }) => ({ InstanceType: size, LocationType: 'availability-zone', Location: zone }),
    });
  },
  DescribeImages(turn) {
    const owners = turn.input['Owners'] as readonly string[] | undefined;
    const fits = filterOf<(typeof IMAGES)[number]>(turn.input, { name: one => one.name, state: () => 'available' });
    const found = IMAGES.filter(one => fits(one) && (owners === undefined || owners.includes(one.owner)));
    const show = (one: (typeof IMAGES)[number]): Fields => ({
      ImageId: one.id,
      Name: one.name,
      OwnerId: one.owner,
      CreationDate: one.created,
    });
    return page(turn, found, { field: 'Images', sizes: [1, 1_000], show });
  },
};
