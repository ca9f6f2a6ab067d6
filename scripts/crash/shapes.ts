import { type Shape, shapeOf } from './shape.ts';
import { having, labelled, same, server, type Thing } from './thing.ts';

const ALL_MAY_GO = { limits: { deletePercent: 100 } };

function flat(count: number): Thing[] {
  return Array.from({ length: count }, (_, index) => server(`node-${index}`));
}

const NETWORK = { ...same('network', 'main'), says: { ipRange: '10.1.0.0/16' }, holds: { ip_range: '10.1.0.0/16' } };
const SUBNET: Thing = {
  kind: 'subnet',
  name: 'inner',
  says: { network: 'main', ipRange: '10.1.1.0/24' },
  holds: { network: '@network/main', ip_range: '10.1.1.0/24' },
};

function inSubnet(thing: Thing): Thing {
  return having(thing, { subnet: 'inner' }, { subnet: '@subnet/inner' });
}

/** Each server carries the private address of the one before it, so they can only be made one after the other. */
function chain(length: number): Thing[] {
  const servers = Array.from({ length }, (_, index) => {
    const link = inSubnet(server(`link-${index}`));
    if (index === 0) return link;
    const before = `link-${index - 1}`;
    return labelled(link, { after: `\${server.${before}.privateIp}` }, { after: `@server/${before}:private_ip` });
  });
  return [NETWORK, SUBNET, ...servers];
}

const FIREWALL: Thing = {
  kind: 'firewall',
  name: 'web',
  says: { rules: [{ direction: 'in', protocol: 'tcp', port: 443 }] },
  holds: { rules: [{ direction: 'in', protocol: 'tcp', port: 443 }] },
};

function node(name: string): Thing {
  return having(
    inSubnet(server(name)),
    { firewalls: ['web'], placementGroup: 'spread' },
    { firewalls: ['@firewall/web'], placement_group: '@placement-group/spread' },
  );
}

function volume(name: string, on: string): Thing {
  return {
    kind: 'volume',
    name,
    says: { sizeGib: 20, server: on, format: 'ext4' },
    holds: { size_gib: 20, server: `@server/${on}`, format: 'ext4' },
  };
}

/** A task service is written under its server; in the cloud it is an object of its own. */
function service(type: string, on: string): Thing {
  return {
    kind: `taskserv.${type}`,
    name: on,
    says: { version: '1.30' },
    holds: { type, version: '1.30', server: `@server/${on}` },
  };
}

function balancer(targets: readonly string[]): Thing {
  return {
    kind: 'load-balancer',
    name: 'front',
    says: { services: [{ protocol: 'tcp', listenPort: 443, targetPort: 6443 }], targets: [...targets] },
    holds: {
      services: [{ protocol: 'tcp', listen_port: 443, target_port: 6443 }],
      targets: targets.map(name => `@server/${name}`),
    },
  };
}

function layered(): Thing[] {
  const masters = ['master-0', 'master-1', 'master-2'];
  const workers = ['worker-0', 'worker-1', 'worker-2'];
  return [
    NETWORK,
    SUBNET,
    FIREWALL,
    same('placement-group', 'spread', { strategy: 'spread' }),
    ...[...masters, ...workers].map(node),
    balancer(masters),
    ...masters.map((name, index) => volume(`disk-${index}`, name)),
    ...masters.map(name => service('containerd', name)),
  ];
}

const MIXED_BEFORE = [
  NETWORK,
  SUBNET,
  FIREWALL,
  having(inSubnet(server('app')), { firewalls: ['web'] }, { firewalls: ['@firewall/web'] }),
  inSubnet(server('worker', { size: 'nano' })),
  server('gone-0'),
  server('gone-1'),
  volume('store', 'app'),
  balancer(['app']),
];

const WIDER = [
  { direction: 'in', protocol: 'tcp', port: 443 },
  { direction: 'in', protocol: 'tcp', port: 80 },
];

/** An update, a restart, a replacement, a disk that grows, two deletions and two creations. */
const MIXED_AFTER = [
  NETWORK,
  SUBNET,
  { ...FIREWALL, says: { rules: WIDER }, holds: { rules: WIDER } },
  having(inSubnet(server('app', { size: 'medium' })), { firewalls: ['web'] }, { firewalls: ['@firewall/web'] }),
  inSubnet(server('worker', { size: 'nano', image: 'debian-13' })),
  inSubnet(server('search')),
  having(volume('store', 'app'), { sizeGib: 40 }, { size_gib: 40 }),
  balancer(['app', 'search']),
  service('nginx', 'search'),
];

const TWO_CLOUDS = [
  ...['a-0', 'a-1', 'a-2'].map(name => server(name, { cloud: 0 })),
  ...['b-0', 'b-1', 'b-2'].map(name => server(name, { cloud: 1 })),
  labelled(server('joint', { cloud: 1 }), { of: '${server.a-0.id}' }, { of: '@server/a-0' }),
];

const BASE = [server('base-0'), server('base-1')];

/** The eight shapes of the crash proof, and five more for points and orders that these do not pass. */
export const SHAPES: readonly Shape[] = [
  shapeOf({ name: 'one', phases: [{ things: [server('only')] }] }),
  shapeOf({ name: 'flat', phases: [{ things: flat(12) }] }),
  shapeOf({ name: 'chain', phases: [{ things: chain(20) }] }),
  shapeOf({ name: 'layered', phases: [{ things: layered() }] }),
  shapeOf({ name: 'mixed', phases: [{ things: MIXED_BEFORE }, { things: MIXED_AFTER }], replaced: ['server.worker'] }),
  shapeOf({ name: 'destroy', flow: 'destroy', phases: [{ things: layered(), settings: ALL_MAY_GO }], wanted: [] }),
  shapeOf({
    name: 'shrink',
    phases: [
      { things: [...layered(), server('keeper')], settings: ALL_MAY_GO },
      { things: [server('keeper')], settings: ALL_MAY_GO },
    ],
  }),
  shapeOf({
    name: 'rollback',
    phases: [
      { things: BASE, settings: { rollback: 'automatic' } },
      { things: [...BASE, NETWORK, SUBNET, ...flat(4).map(inSubnet)], settings: { rollback: 'automatic' } },
    ],
    faults: [{ fault: 'capacity', match: { operation: 'create', kind: 'server', nth: 3 }, times: null }],
    wanted: BASE,
    ends: 'failed',
  }),
  shapeOf({ name: 'two-clouds', clouds: 2, phases: [{ things: TWO_CLOUDS }] }),
  shapeOf({
    name: 'adopt',
    foreign: ['first', 'second'].map(name => ({ kind: 'server', name, size: 'small', image: 'debian-12' })),
    phases: [
      {
        things: [
          having(server('taken-0'), { adopt: 'srv-1' }, {}),
          having(server('taken-1', { size: 'medium' }), { adopt: 'srv-2' }, {}),
          server('made'),
        ],
      },
    ],
  }),
  shapeOf({
    name: 'lost-answers',
    phases: [{ things: flat(4) }],
    faults: [{ fault: 'answer-lost', match: { operation: 'create' }, times: 2 }],
  }),
  shapeOf({
    name: 'approve',
    flow: 'approve',
    phases: [{ things: [server('web'), FIREWALL], settings: { review: 'required' } }],
  }),
  shapeOf({ name: 'compact', flow: 'compact', phases: [{ things: flat(3) }] }),
];

/** The scenario in which terraform was measured: 12 servers that do not depend on each other. */
export const TWELVE: Shape = shapeOf({ name: 'twelve', phases: [{ things: flat(12) }] });
