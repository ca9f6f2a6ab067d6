import { z } from 'zod';

const Uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const Pair = z.object({ key: z.string(), value: z.string() });
/** Newer services have a list, older ones wrap it. */
const Labels = z.array(Pair).default([]);
const WrappedLabels = z.object({ label: z.array(Pair) }).default({ label: [] });
const Text = z.string();

const ServerFields = {
  uuid: Uuid,
  title: Text,
  zone: Text,
  plan: Text,
  state: Text,
  created: z.number(),
  labels: WrappedLabels,
  server_group: Uuid.nullish(),
};

/** A server as lists show it. */
export const ServerSummary = z.object(ServerFields);
export type ServerSummary = z.infer<typeof ServerSummary>;

/** A server by itself. */
export const ServerDetail = z.object({
  ...ServerFields,
  firewall: Text,
  storage_devices: z.object({
    storage_device: z.array(z.object({ address: Text, storage: Text, storage_title: Text, type: Text })),
  }),
  networking: z.object({
    interfaces: z.object({
      interface: z.array(
        z.object({
          mac: Text,
          network: Text,
          type: Text,
          ip_addresses: z.object({
            ip_address: z.array(z.object({ address: Text, family: Text, floating: Text.optional() })),
          }),
        }),
      ),
    }),
  }),
});
export type ServerDetail = z.infer<typeof ServerDetail>;

export const ServerReply = z.object({ server: ServerDetail });
export const ServersReply = z.object({ servers: z.object({ server: z.array(ServerSummary) }) });

/** One rule of a server's firewall; a field that is not set is empty. */
export const FirewallRule = z.object({
  action: Text,
  direction: Text,
  family: Text.default(''),
  protocol: Text.default(''),
  source_address_start: Text.default(''),
  source_address_end: Text.default(''),
  source_port_start: Text.default(''),
  source_port_end: Text.default(''),
  destination_address_start: Text.default(''),
  destination_address_end: Text.default(''),
  destination_port_start: Text.default(''),
  destination_port_end: Text.default(''),
  icmp_type: Text.default(''),
  comment: Text.default(''),
});
export type FirewallRule = z.infer<typeof FirewallRule>;
export const RulesReply = z.object({ firewall_rules: z.object({ firewall_rule: z.array(FirewallRule) }) });

export const Network = z.object({
  uuid: Uuid,
  name: Text,
  type: Text,
  zone: Text,
  router: Uuid.nullish(),
  labels: Labels,
  ip_networks: z.object({
    ip_network: z.array(z.object({ address: Text, family: Text, gateway: Text.nullish() })),
  }),
  servers: z.object({ server: z.array(z.object({ uuid: Uuid })) }).default({ server: [] }),
});
export type Network = z.infer<typeof Network>;
export const NetworkReply = z.object({ network: Network });
export const NetworksReply = z.object({ networks: z.object({ network: z.array(Network) }) });

export const Router = z.object({
  uuid: Uuid,
  name: Text,
  type: Text,
  labels: Labels,
  attached_networks: z.object({ network: z.array(z.object({ uuid: Uuid })) }),
});
export type Router = z.infer<typeof Router>;
export const RouterReply = z.object({ router: Router });
export const RoutersReply = z.object({ routers: z.object({ router: z.array(Router) }) });

/** A storage as lists show it. */
export const StorageSummary = z.object({
  uuid: Uuid,
  title: Text,
  type: Text,
  state: Text,
  size: z.number(),
  tier: Text.optional(),
  zone: Text.optional(),
  created: Text.optional(),
  labels: Labels,
});
export type StorageSummary = z.infer<typeof StorageSummary>;
/** A storage by itself says who has it. */
export const StorageDetail = StorageSummary.extend({ servers: z.object({ server: z.array(Uuid) }) });
export type StorageDetail = z.infer<typeof StorageDetail>;
export const StorageReply = z.object({ storage: StorageDetail });
export const StoragesReply = z.object({ storages: z.object({ storage: z.array(StorageSummary) }) });

export const IpAddress = z.object({
  address: z.union([z.ipv4(), z.ipv6()]),
  family: Text,
  access: Text,
  floating: Text.optional(),
  mac: Text.nullish(),
  server: Uuid.nullish(),
  zone: Text.optional(),
});
export type IpAddress = z.infer<typeof IpAddress>;
export const IpAddressReply = z.object({ ip_address: IpAddress });
export const IpAddressesReply = z.object({ ip_addresses: z.object({ ip_address: z.array(IpAddress) }) });

export const Group = z.object({
  uuid: Uuid,
  title: Text,
  anti_affinity: Text,
  labels: WrappedLabels,
  servers: z.object({ server: z.array(Uuid) }),
});
export type Group = z.infer<typeof Group>;
export const GroupReply = z.object({ server_group: Group });
export const GroupsReply = z.object({ server_groups: z.object({ server_group: z.array(Group) }) });

const Member = z.object({ name: Text, ip: Text, port: z.number() });
const Backend = z.object({
  name: Text,
  members: z.array(Member),
  properties: z.object({ health_check_type: Text.optional(), health_check_url: Text.optional() }).default({}),
});
export type Backend = z.infer<typeof Backend>;
const Frontend = z.object({ name: Text, mode: Text, port: z.number(), default_backend: Text });
export type Frontend = z.infer<typeof Frontend>;

export const Balancer = z.object({
  uuid: Uuid,
  name: Text,
  plan: Text,
  zone: Text,
  operational_state: Text,
  created_at: Text,
  labels: Labels,
  networks: z.array(z.object({ name: Text, type: Text, uuid: Uuid.optional() })).default([]),
  frontends: z.array(Frontend),
  backends: z.array(Backend),
  nodes: z
    .array(
      z.object({
        networks: z
          .array(
            z.object({
              type: Text,
              ip_addresses: z.array(z.object({ address: Text, listen: z.boolean() })).default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});
export type Balancer = z.infer<typeof Balancer>;
export const BalancersReply = z.array(Balancer);

/** The answer to a change of a part of a load balancer: which one is in the path, so only its shape matters. */
export const PartReply = z.object({ name: Text });

const Count = z.number().optional();
export const AccountReply = z.object({
  account: z.object({
    username: z.string().min(1).max(128),
    resource_limits: z.record(z.string(), z.unknown()).default({}),
    credits: Count,
  }),
});
export const PlansReply = z.object({
  plans: z.object({
    plan: z.array(z.object({ name: Text, storage_size: z.number().default(0), storage_tier: Text.default('maxiops') })),
  }),
});
export const ZonesReply = z.object({ zones: z.object({ zone: z.array(z.object({ id: Text })) }) });
export const PricesReply = z.object({
  prices: z.object({ zone: z.array(z.record(z.string(), z.unknown())) }),
});
export const BalancerPlansReply = z.array(z.object({ name: Text }));
