import { expect } from 'vitest';
import { z } from 'zod';
import type { FakeUpcloud } from '../../fakes/upcloud/cloud.ts';
import { routeOf } from '../../fakes/upcloud/routes.ts';

/**
 * The shapes of UpCloud's answers as we wrote them down from the recordings, strict: a field that the fake makes up
 * fails a test. The recordings themselves are compared in an integration test.
 */
const Uuid = z.uuid();
const YesNo = z.enum(['yes', 'no']);
const Text = z.string();
const Digits = z.string().regex(/^\d+$/);
const Family = z.enum(['IPv4', 'IPv6']);
const Label = z.strictObject({ key: z.string().min(2).max(32), value: z.string().max(255) });
const Labels = z.array(Label);
const Wrapped = z.strictObject({ label: Labels });
const Uuids = z.strictObject({ server: z.array(Uuid) });

const Summary = z.strictObject({
  core_number: Digits,
  created: z.int(),
  host: z.int().optional(),
  hostname: Text,
  labels: Wrapped,
  license: z.literal(0),
  memory_amount: Digits,
  plan: Text,
  plan_ipv4_bytes: Digits,
  plan_ipv6_bytes: Digits,
  server_group: Uuid.nullable(),
  simple_backup: Text,
  state: z.enum(['started', 'stopped', 'maintenance', 'error']),
  tags: z.strictObject({ tag: z.array(Text) }),
  title: Text,
  uuid: Uuid,
  zone: Text,
});
const Nic = z.strictObject({
  bootable: YesNo,
  index: z.int().min(1),
  ip_addresses: z.strictObject({
    ip_address: z.array(
      z.strictObject({
        address: Text,
        dhcp_provided: YesNo,
        family: Family,
        floating: YesNo,
        release_policy: z.enum(['keep', 'release']),
      }),
    ),
  }),
  mac: z.string().regex(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/),
  network: Text,
  source_ip_filtering: YesNo,
  type: z.enum(['public', 'utility', 'private']),
});
const Device = z.strictObject({
  address: Text,
  boot_disk: z.enum(['0', '1']),
  labels: z.array(z.strictObject({ key: Text, value: Text })),
  storage: Uuid,
  storage_encrypted: YesNo,
  storage_size: z.int(),
  storage_tier: Text,
  storage_title: Text,
  type: z.literal('disk'),
});
const Detail = Summary.extend({
  boot_order: Text,
  devices: z.strictObject({ device: z.array(z.never()) }),
  firewall: z.enum(['on', 'off']),
  ip_addresses: z.strictObject({
    ip_address: z.array(z.strictObject({ access: z.enum(['public', 'utility']), address: Text, family: Family })),
  }),
  metadata: YesNo,
  networking: z.strictObject({ interfaces: z.strictObject({ interface: z.array(Nic) }) }),
  nic_model: Text,
  password: Text.optional(),
  progress: Digits.optional(),
  remote_access_enabled: YesNo,
  remote_access_password: Text,
  remote_access_type: Text,
  storage_devices: z.strictObject({ storage_device: z.array(Device) }),
  timezone: Text,
  username: Text.optional(),
  video_model: Text,
});
const Network = z.strictObject({
  effective_routes: z.array(z.unknown()),
  ip_networks: z.strictObject({
    ip_network: z
      .array(
        z.strictObject({
          address: Text,
          dhcp: YesNo,
          dhcp_default_route: YesNo,
          dhcp_dns: z.array(Text).optional(),
          dhcp_effective_routes: z.array(z.unknown()),
          dhcp_routes_configuration: z.record(Text, z.unknown()).optional(),
          dhcp_routes: z.array(Text).optional(),
          family: Family,
          gateway: Text,
        }),
      )
      .length(1),
  }),
  labels: Labels,
  name: Text,
  router: Uuid.optional(),
  servers: z.strictObject({ server: z.array(z.strictObject({ title: Text, uuid: Uuid })) }).optional(),
  type: z.enum(['public', 'utility', 'private']),
  uuid: Uuid,
  zone: Text,
});
const Router = z.strictObject({
  attached_network_gateways: z.array(z.never()),
  attached_networks: z.strictObject({ network: z.array(z.strictObject({ uuid: Uuid })) }),
  labels: Labels,
  name: Text,
  static_routes: z.array(z.strictObject({ name: Text, nexthop: Text, route: Text })),
  type: z.enum(['normal', 'service']),
  uuid: Uuid,
});
const StorageSummary = z.strictObject({
  access: z.enum(['private', 'public']),
  created: Text,
  encrypted: YesNo,
  labels: Labels,
  license: z.number(),
  origin: Uuid.optional(),
  progress: Digits.optional(),
  size: z.int(),
  state: Text,
  template_type: z.enum(['native', 'cloud-init']).optional(),
  tier: Text.optional(),
  title: Text,
  type: z.enum(['normal', 'backup', 'template', 'cdrom']),
  uuid: Uuid,
  zone: Text.optional(),
});
const Storage = StorageSummary.extend({
  backup_rule: z.record(Text, Text).optional(),
  backups: z.strictObject({ backup: z.array(Uuid) }).optional(),
  servers: Uuids,
});
const Address = z.strictObject({
  access: z.enum(['public', 'utility']),
  address: Text,
  family: Family,
  floating: z.literal('yes').optional(),
  mac: Text.optional(),
  ptr_record: Text,
  server: Uuid.optional(),
  zone: Text,
});
const Group = z.strictObject({
  anti_affinity: z.enum(['strict', 'yes', 'no']),
  anti_affinity_status: z.array(z.strictObject({ status: z.enum(['met', 'unmet']), uuid: Uuid })),
  labels: Wrapped,
  servers: Uuids,
  title: Text,
  uuid: Uuid,
});
const Rule = z.strictObject(
  Object.fromEntries(
    [
      'action comment direction family icmp_type position protocol',
      'destination_address_end destination_address_start destination_port_end destination_port_start',
      'source_address_end source_address_start source_port_end source_port_start',
    ]
      .flatMap(fields => fields.split(' '))
      .map(field => [field, Text]),
  ),
);
const Stamped = { created_at: Text, updated_at: Text, name: Text };
const Member = z.strictObject({
  ...Stamped,
  enabled: z.boolean(),
  ip: Text,
  max_sessions: z.int(),
  port: z.int(),
  type: z.enum(['static', 'dynamic']),
  weight: z.int(),
});
const Backend = z.strictObject({
  ...Stamped,
  members: z.array(Member),
  properties: z.record(Text, z.union([Text, z.number(), z.boolean(), z.null()])),
  resolver: Text,
  tls_configs: z.array(z.unknown()),
});
const Frontend = z.strictObject({
  ...Stamped,
  default_backend: Text,
  mode: z.enum(['http', 'tcp']),
  networks: z.array(z.strictObject({ name: Text })),
  port: z.int(),
  properties: z.record(Text, z.union([Text, z.number(), z.boolean(), z.null()])),
  rules: z.array(z.unknown()),
  tls_configs: z.array(z.unknown()),
});
const BalancerNode = z.strictObject({
  networks: z.array(
    z.strictObject({
      ip_addresses: z.array(z.strictObject({ address: Text, listen: z.boolean() })),
      name: Text,
      type: z.enum(['public', 'private']),
    }),
  ),
  operational_state: Text,
});
const Balancer = z.strictObject({
  ...Stamped,
  backends: z.array(Backend),
  configured_status: z.enum(['started', 'stopped']),
  dns_name: Text,
  frontends: z.array(Frontend),
  ip_addresses: z.array(z.unknown()),
  labels: Labels,
  maintenance_dow: Text,
  maintenance_time: Text,
  networks: z.array(z.strictObject({ ...Stamped, dns_name: Text, family: Text, type: Text, uuid: Uuid.optional() })),
  nodes: z.array(BalancerNode),
  operational_state: Text,
  plan: Text,
  resolvers: z.array(z.unknown()),
  uuid: Uuid,
  zone: Text,
});
const Count = z.number();
const One = (name: string, inner: z.ZodType): z.ZodType => z.strictObject({ [name]: inner });
const Many = (outer: string, inner: string, item: z.ZodType): z.ZodType => One(outer, One(inner, z.array(item)));
const Nothing = z.undefined();

/** Success status and shape of the answer to everything that the provider asks. */
const SHAPES: { readonly [route: string]: readonly [number, z.ZodType] } = {
  'GET account': [
    200,
    One('account', z.strictObject({ credits: Count, username: Text, resource_limits: z.record(Text, Count) })),
  ],
  'GET plan': [
    200,
    Many(
      'plans',
      'plan',
      z.strictObject({
        core_number: Count,
        memory_amount: Count,
        name: Text,
        public_traffic_out: Count,
        storage_size: Count,
        storage_tier: Text,
      }),
    ),
  ],
  'GET price': [
    200,
    Many('prices', 'zone', z.record(Text, z.union([Text, z.strictObject({ amount: Count, price: Count })]))),
  ],
  'GET zone': [200, Many('zones', 'zone', z.strictObject({ description: Text, id: Text, public: YesNo }))],
  'GET server': [200, Many('servers', 'server', Summary)],
  'POST server': [202, One('server', Detail)],
  'GET server/*': [200, One('server', Detail)],
  'PUT server/*': [202, One('server', Detail)],
  'DELETE server/*': [204, Nothing],
  'POST server/*/start': [200, One('server', Detail)],
  'POST server/*/stop': [200, One('server', Detail)],
  'POST server/*/storage/attach': [200, One('server', Detail)],
  'POST server/*/storage/detach': [200, One('server', Detail)],
  'GET server/*/firewall_rule': [200, Many('firewall_rules', 'firewall_rule', Rule)],
  'PUT server/*/firewall_rule': [204, Nothing],
  'GET storage': [200, Many('storages', 'storage', StorageSummary)],
  'POST storage': [201, One('storage', Storage)],
  'GET storage/*': [200, z.union([One('storage', Storage), Many('storages', 'storage', StorageSummary)])],
  'PUT storage/*': [202, One('storage', Storage)],
  'DELETE storage/*': [204, Nothing],
  'GET network': [200, Many('networks', 'network', Network)],
  'POST network': [201, One('network', Network)],
  'GET network/*': [200, One('network', Network)],
  'PUT network/*': [200, One('network', Network)],
  'DELETE network/*': [204, Nothing],
  'GET router': [200, Many('routers', 'router', Router)],
  'POST router': [201, One('router', Router)],
  'GET router/*': [200, One('router', Router)],
  'PATCH router/*': [200, One('router', Router)],
  'DELETE router/*': [204, Nothing],
  'GET ip_address': [200, Many('ip_addresses', 'ip_address', Address)],
  'POST ip_address': [201, One('ip_address', Address)],
  'GET ip_address/*': [200, One('ip_address', Address)],
  'PATCH ip_address/*': [202, One('ip_address', Address)],
  'DELETE ip_address/*': [204, Nothing],
  'GET server-group': [200, Many('server_groups', 'server_group', Group)],
  'POST server-group': [200, One('server_group', Group)],
  'GET server-group/*': [200, One('server_group', Group)],
  'PATCH server-group/*': [200, One('server_group', Group)],
  'DELETE server-group/*': [204, Nothing],
  'GET load-balancer': [200, z.array(Balancer)],
  'POST load-balancer': [201, Balancer],
  'GET load-balancer/plans': [
    200,
    z.array(z.strictObject({ name: Text, per_server_max_sessions: Count, server_number: Count })),
  ],
  'GET load-balancer/*': [200, Balancer],
  'PATCH load-balancer/*': [200, Balancer],
  'DELETE load-balancer/*': [204, Nothing],
  'POST load-balancer/*/*': [201, z.union([Backend, Frontend])],
  'DELETE load-balancer/*/*/*': [204, Nothing],
  'POST load-balancer/*/*/*/*': [201, Member],
  'DELETE load-balancer/*/*/*/*/*': [204, Nothing],
};

const Failure = z.union([
  z.strictObject({ error: z.strictObject({ error_code: z.string().regex(/^[A-Z0-9_-]+$/), error_message: Text }) }),
  z.strictObject({
    correlation_id: Text,
    invalid_params: z.array(z.strictObject({ name: Text, reason: Text })).optional(),
    status: z.int(),
    title: Text,
    type: z.string().regex(/^https:\/\/developers\.upcloud\.com\/1\.3\/errors#ERROR_[A-Z0-9_]+$/),
  }),
]);

/** Answers that were found right: catalogues and empty lists come again and again. */
const checked = new Set<string>();

/** A `fetch` that holds every answer of the fake against its shape, unless a fault was meant to spoil it. */
export function checkedFetch(fetch: typeof globalThis.fetch, cloud: FakeUpcloud): typeof globalThis.fetch {
  return async (input, init) => {
    const before = cloud.ledger().length;
    const response = await fetch(input, init);
    const entry = cloud.ledger()[before];
    if (entry === undefined || entry.fault !== null) return response;
    const text = await response.clone().text();
    const known = `${entry.method} ${entry.path} ${text}`;
    if (checked.has(known)) return response;
    checked.add(known);
    const found = routeOf(entry.method, new URL(entry.path, 'http://cloud.invalid').pathname);
    const name = `${entry.method} ${found?.route.path.join('/')}`;
    if (response.status >= 400) {
      expect(Failure.safeParse(JSON.parse(text)).error, name).toBeUndefined();
    } else {
      const [status, shape] = SHAPES[name] ?? [0, z.never()];
      expect(response.status, name).toBe(status);
      expect(shape.safeParse(text === '' ? undefined : JSON.parse(text)).error, name).toBeUndefined();
    }
    return response;
  };
}
