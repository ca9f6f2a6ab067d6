import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject } from '../../schemas/json.ts';
import { IMAGES, SIZES, ZONES } from './catalogue.ts';
import { address, hostOf } from './addresses.ts';

/** What the cloud knows about a kind. */
export interface KindRules {
  /** Word in paths: `/v1/servers`. */
  readonly collection: string;
  /** Start of its ids. */
  readonly prefix: string;
  /** Name of the state in which it can be used. */
  readonly ready: string;
  readonly create: z.ZodType<JsonObject>;
  /** Fields that PATCH takes; null removes one. */
  readonly change: z.ZodType<JsonObject>;
  /** What a field becomes when it is removed; null unless it stands here. */
  readonly empty: JsonObject;
  /** Fields of the `resize` action. */
  readonly resize?: z.ZodType<JsonObject>;
  /** Fields that hold ids of other objects, and their kind. */
  readonly refs: { readonly [field: string]: string };
  /** Those of them whose object cannot be deleted as long as this one exists. */
  readonly holds: readonly string[];
  /** Own field that must be empty before it can be deleted. */
  readonly detach?: string;
  /** It disappears together with the object in this field. */
  readonly dependsOn?: string;
  readonly asynchronous: boolean;
  outputs(id: string, seq: number, fields: JsonObject, other: (id: string) => JsonObject | undefined): JsonObject;
}

const id = z.string().min(1).max(64);
const ids = z.array(id).max(200);
const zone = z.enum(ZONES as [string, ...string[]]);
const serverSize = z.enum(SIZES.filter(size => size.kind === 'server').map(size => size.name) as [string, ...string[]]);
const balancerSize = z.enum(
  SIZES.filter(size => size.kind === 'load-balancer').map(size => size.name) as [string, ...string[]],
);
const range = z.string().regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/);
const services = z.array(
  z.strictObject({
    protocol: z.enum(['tcp', 'http', 'https']),
    listen_port: z.int(),
    target_port: z.int(),
    health_path: z.string().optional(),
  }),
);
const rules = z.array(
  z.strictObject({
    direction: z.enum(['in', 'out']),
    protocol: z.enum(['tcp', 'udp', 'icmp', 'any']),
    port: z.union([z.int(), z.string()]).optional(),
    sources: z.array(range).optional(),
    description: z.string().optional(),
  }),
);

function shape(fields: z.ZodRawShape): z.ZodType<JsonObject> {
  return z.strictObject(fields) as unknown as z.ZodType<JsonObject>;
}

const unchangeable = shape({});

const CLOUD_RULES: { readonly [kind: string]: KindRules } = {
  'ssh-key': {
    collection: 'ssh_keys',
    prefix: 'key',
    ready: 'available',
    create: shape({ public_key: z.string().min(1).max(8_192) }),
    change: unchangeable,
    empty: {},
    refs: {},
    holds: [],
    asynchronous: false,
    outputs: (_id, _seq, fields) => ({
      fingerprint: `SHA256:${createHash('sha256').update(String(fields['public_key'])).digest('base64url')}`,
    }),
  },
  'placement-group': {
    collection: 'placement_groups',
    prefix: 'pg',
    ready: 'available',
    create: shape({ strategy: z.enum(['spread']).default('spread') }),
    change: unchangeable,
    empty: {},
    refs: {},
    holds: [],
    asynchronous: false,
    outputs: () => ({}),
  },
  network: {
    collection: 'networks',
    prefix: 'net',
    ready: 'available',
    create: shape({ ip_range: range, zone: zone.default('fi-1') }),
    change: unchangeable,
    empty: {},
    refs: {},
    holds: [],
    asynchronous: false,
    outputs: () => ({}),
  },
  subnet: {
    collection: 'subnets',
    prefix: 'sub',
    ready: 'available',
    create: shape({ network: id, ip_range: range, zone: zone.default('fi-1') }),
    change: unchangeable,
    empty: {},
    refs: { network: 'network' },
    holds: ['network'],
    asynchronous: false,
    outputs: (_id, _seq, fields) => ({ gateway: hostOf(String(fields['ip_range']), 1) }),
  },
  firewall: {
    collection: 'firewalls',
    prefix: 'fw',
    ready: 'available',
    create: shape({ rules }),
    change: shape({ rules: rules.optional() }),
    empty: {},
    refs: {},
    holds: [],
    asynchronous: false,
    outputs: () => ({}),
  },
  'floating-ip': {
    collection: 'floating_ips',
    prefix: 'fip',
    ready: 'available',
    create: shape({
      version: z.enum(['ipv4', 'ipv6']).default('ipv4'),
      zone: zone.default('fi-1'),
      server: id.nullable().default(null),
    }),
    change: shape({ server: id.nullable().optional() }),
    empty: {},
    refs: { server: 'server' },
    holds: [],
    detach: 'server',
    asynchronous: false,
    outputs: (_id, seq, fields) => ({ ip: address(seq, fields['version'] === 'ipv6') }),
  },
  server: {
    collection: 'servers',
    prefix: 'srv',
    ready: 'running',
    create: shape({
      size: serverSize,
      image: z.enum(IMAGES as [string, ...string[]]),
      zone: zone.default('fi-1'),
      ssh_keys: ids.default([]),
      subnet: id.nullable().default(null),
      firewalls: ids.default([]),
      placement_group: id.nullable().default(null),
      public_ip: z.boolean().default(true),
      user_data: z.string().max(32_768).optional(),
    }),
    change: shape({ firewalls: ids.nullable().optional() }),
    empty: { firewalls: [] },
    resize: shape({ size: serverSize }),
    refs: { ssh_keys: 'ssh-key', subnet: 'subnet', firewalls: 'firewall', placement_group: 'placement-group' },
    holds: ['subnet', 'firewalls', 'placement_group'],
    asynchronous: true,
    outputs: (id, seq, fields, other) => ({
      public_ip: fields['public_ip'] === false ? null : address(seq, false),
      private_ip: privateIp(seq, fields, other),
      login_user: 'root',
      // No machine stands behind it; the text only looks like the key that one would have.
      host_key: `ssh-ed25519 ${createHash('sha256').update(id).digest('base64')}`,
    }),
  },
  volume: {
    collection: 'volumes',
    prefix: 'vol',
    ready: 'available',
    create: shape({
      size_gib: z.int().min(1).max(65_536),
      type: z.enum(['ssd', 'hdd']).default('ssd'),
      zone: zone.default('fi-1'),
      server: id.nullable().default(null),
      format: z.enum(['ext4', 'xfs', 'none']).default('none'),
    }),
    change: shape({ server: id.nullable().optional() }),
    empty: {},
    resize: shape({ size_gib: z.int().min(1).max(65_536) }),
    refs: { server: 'server' },
    holds: [],
    detach: 'server',
    asynchronous: true,
    outputs: (volume, _seq, fields) => ({
      device: fields['server'] === null ? null : `/dev/disk/by-id/demo-${volume}`,
    }),
  },
  'load-balancer': {
    collection: 'load_balancers',
    prefix: 'lb',
    ready: 'active',
    create: shape({
      size: balancerSize.default('lb-small'),
      zone: zone.default('fi-1'),
      subnet: id.nullable().default(null),
      algorithm: z.enum(['round-robin', 'least-connections']).default('round-robin'),
      services,
      targets: ids.default([]),
    }),
    change: shape({
      algorithm: z.enum(['round-robin', 'least-connections']).nullable().optional(),
      services: services.optional(),
      targets: ids.nullable().optional(),
    }),
    empty: { algorithm: 'round-robin', targets: [] },
    resize: shape({ size: balancerSize }),
    refs: { subnet: 'subnet', targets: 'server' },
    holds: ['subnet'],
    asynchronous: true,
    outputs: (_id, seq, fields, other) => ({
      public_ip: address(seq, false),
      private_ip: privateIp(seq, fields, other),
    }),
  },
};

const parameters = z.record(z.string(), z.json());
const TASKSERV_RULES: KindRules = {
  collection: 'taskservs',
  prefix: 'tsk',
  ready: 'running',
  create: shape({
    type: z.string().regex(/^[a-z][a-z0-9-]*$/),
    server: id.nullable().default(null),
    version: z.string().max(63).nullable().default(null),
    parameters: parameters.default({}),
  }),
  change: shape({
    server: id.nullable().optional(),
    version: z.string().max(63).nullable().optional(),
    parameters: parameters.optional(),
  }),
  empty: {},
  refs: { server: 'server' },
  holds: [],
  dependsOn: 'server',
  asynchronous: true,
  outputs: (service, _seq, fields, other) => ({
    version: fields['version'] ?? '1.0',
    endpoint:
      typeof fields['server'] === 'string' ? `${String(other(fields['server'])?.['private_ip'])}/${service}` : null,
  }),
};

function privateIp(seq: number, fields: JsonObject, other: (id: string) => JsonObject | undefined): string | null {
  const subnet = typeof fields['subnet'] === 'string' ? other(fields['subnet']) : undefined;
  return subnet === undefined ? null : hostOf(String(subnet['ip_range']), 10 + seq);
}

const COLLECTIONS = new Map(Object.keys(CLOUD_RULES).map(kind => [CLOUD_RULES[kind]?.collection, kind]));

/** The rules of a kind; undefined for one that the cloud does not have. */
export function rulesOf(kind: string): KindRules | undefined {
  if (kind.startsWith('taskserv.')) return TASKSERV_RULES;
  return Object.hasOwn(CLOUD_RULES, kind) ? CLOUD_RULES[kind] : undefined;
}

/** The kind that a word in a path stands for; all task services share one. */
export function kindOfCollection(collection: string): string | undefined {
  return collection === TASKSERV_RULES.collection ? 'taskserv' : COLLECTIONS.get(collection);
}

/** The rules by the kind of a path, where task services have no name yet. */
export function rulesOfPath(kind: string): KindRules {
  const found = kind === 'taskserv' ? TASKSERV_RULES : rulesOf(kind);
  if (found === undefined) throw new TypeError(`no such kind: ${kind}`);
  return found;
}

/** Fields that are never shown again. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(['user_data']);
