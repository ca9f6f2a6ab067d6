import type { Json } from '../../../schemas/json.ts';
import type { KindName } from '../../../schemas/name.ts';
import type { Spec } from '../../../schemas/resource.ts';

/** Ids of the objects a subject refers to, by kind; the second of a kind has a `2` at its end. */
export type Ids = { readonly [name: string]: string };

/** Words that each cloud has its own of. */
export interface CloudWords {
  readonly size: string;
  readonly biggerSize: string;
  readonly balancerSize: string;
  readonly biggerBalancerSize: string;
  readonly image: string;
  readonly zone: string;
}

/** What the contract does with one kind. */
export interface Subject {
  readonly kind: KindName;
  /** What must exist first, in order of creation. */
  readonly needs: readonly string[];
  spec(ids: Ids, words: CloudWords): Spec;
  /** New values of fields that change without a replacement. */
  readonly changes: readonly { readonly field: string; value(ids: Ids, words: CloudWords): Json }[];
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDtTzUAHzmwM3xq5s1kSnAPq6kZ1Jd4cB6q9ZrS2p0m demo';

export const CANARY = 'canary-7f3e9b';

export const SUBJECTS: readonly Subject[] = [
  { kind: 'ssh-key', needs: [], spec: () => ({ publicKey: KEY }), changes: [] },
  { kind: 'placement-group', needs: [], spec: () => ({ strategy: 'spread' }), changes: [] },
  { kind: 'network', needs: [], spec: (_ids, words) => ({ ipRange: '10.1.0.0/16', zone: words.zone }), changes: [] },
  {
    kind: 'subnet',
    needs: ['network'],
    spec: (ids, words) => ({ network: id(ids, 'network'), ipRange: '10.1.1.0/24', zone: words.zone }),
    changes: [],
  },
  {
    kind: 'firewall',
    needs: [],
    spec: () => ({ rules: [{ direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] }] }),
    changes: [{ field: 'rules', value: () => [{ direction: 'in', protocol: 'tcp', port: '8000-8100' }] }],
  },
  {
    kind: 'floating-ip',
    needs: ['server', 'server2'],
    spec: (ids, words) => ({ version: 'ipv4', zone: words.zone, server: id(ids, 'server') }),
    changes: [
      { field: 'server', value: ids => id(ids, 'server2') },
      { field: 'server', value: () => null },
    ],
  },
  {
    kind: 'server',
    needs: ['network', 'subnet', 'firewall', 'firewall2', 'ssh-key', 'placement-group'],
    spec: (ids, words) => ({
      size: words.size,
      image: words.image,
      zone: words.zone,
      sshKeys: [id(ids, 'ssh-key')],
      subnet: id(ids, 'subnet'),
      firewalls: [id(ids, 'firewall')],
      placementGroup: id(ids, 'placement-group'),
      publicIp: true,
      userData: `#cloud-config\n# ${CANARY}\n`,
    }),
    changes: [
      { field: 'size', value: (_ids, words) => words.biggerSize },
      { field: 'firewalls', value: ids => [id(ids, 'firewall'), id(ids, 'firewall2')] },
      { field: 'firewalls', value: () => [] },
    ],
  },
  {
    kind: 'volume',
    needs: ['server', 'server2'],
    spec: (ids, words) => ({ sizeGib: 10, type: 'ssd', zone: words.zone, server: id(ids, 'server'), format: 'ext4' }),
    changes: [
      { field: 'sizeGib', value: () => 20 },
      { field: 'server', value: ids => id(ids, 'server2') },
      { field: 'server', value: () => null },
    ],
  },
  {
    kind: 'load-balancer',
    needs: ['network', 'subnet', 'server', 'server2'],
    spec: (ids, words) => ({
      size: words.balancerSize,
      zone: words.zone,
      subnet: id(ids, 'subnet'),
      algorithm: 'round-robin',
      services: [{ protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/up' }],
      targets: [id(ids, 'server')],
    }),
    changes: [
      { field: 'size', value: (_ids, words) => words.biggerBalancerSize },
      { field: 'algorithm', value: () => 'least-connections' },
      { field: 'services', value: () => [{ protocol: 'tcp', listenPort: 443, targetPort: 8443 }] },
      { field: 'targets', value: ids => [id(ids, 'server'), id(ids, 'server2')] },
    ],
  },
  {
    kind: 'taskserv.postgres',
    needs: ['server'],
    spec: ids => ({ version: '16', server: id(ids, 'server'), port: 5432, settings: { shared: '1GB' } }),
    changes: [
      { field: 'version', value: () => '17' },
      { field: 'port', value: () => 5433 },
      { field: 'settings', value: () => ({ shared: '2GB', work: '4MB' }) },
    ],
  },
];

/** Fields that a cloud never returns. */
export const WRITE_ONLY: ReadonlySet<string> = new Set(['userData']);

export function subjectOf(kind: string): Subject {
  const found = SUBJECTS.find(subject => subject.kind === kind);
  if (found === undefined) throw new TypeError(`no subject for ${kind}`);
  return found;
}

function id(ids: Ids, name: string): string {
  const found = ids[name];
  if (found === undefined) throw new TypeError(`the subject needs a ${name}`);
  return found;
}
