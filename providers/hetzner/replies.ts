import { z } from 'zod';

// Only the fields that are used; what else comes, and words that nobody knows yet, are let through.

/** JSON numbers are exact up to 2^53; an id beyond it would name another object. */
const Id = z.int().min(1);
const LabelMap = z.record(z.string(), z.string());
const Protection = z.object({ delete: z.boolean() });
const Place = z.object({ name: z.string(), network_zone: z.string() });

const Own = { id: Id, name: z.string(), labels: LabelMap, created: z.string() };

export const Action = z.object({
  id: Id,
  status: z.string(),
  command: z.string(),
  error: z.object({ code: z.string() }).nullish(),
});
export type Action = z.infer<typeof Action>;

const PrivateNet = z.object({ network: Id, ip: z.string() });

export const Server = z.object({
  ...Own,
  status: z.string(),
  locked: z.boolean(),
  server_type: z.object({ name: z.string(), architecture: z.string().optional() }),
  primary_disk_size: z.number().optional(),
  location: Place,
  image: z.object({ name: z.string().nullable() }).nullable(),
  public_net: z.object({
    ipv4: z.object({ ip: z.string() }).nullable(),
    ipv6: z.object({ ip: z.string() }).nullable(),
    firewalls: z.array(z.object({ id: Id })),
  }),
  private_net: z.array(PrivateNet),
  volumes: z.array(Id),
  load_balancers: z.array(Id),
  placement_group: z.object({ id: Id }).nullish(),
  protection: Protection,
});
export type Server = z.infer<typeof Server>;

export const Network = z.object({
  ...Own,
  ip_range: z.string(),
  subnets: z.array(z.object({ ip_range: z.string(), network_zone: z.string(), gateway: z.string() })),
  servers: z.array(Id),
  load_balancers: z.array(Id).optional(),
  protection: Protection,
});
export type Network = z.infer<typeof Network>;

export const Volume = z.object({
  ...Own,
  size: z.int(),
  status: z.string(),
  location: Place,
  server: Id.nullable(),
  linux_device: z.string(),
  format: z.string().nullable(),
  protection: Protection,
});
export type Volume = z.infer<typeof Volume>;

export const Rule = z.object({
  direction: z.string(),
  protocol: z.string(),
  port: z.string().nullish(),
  source_ips: z.array(z.string()).optional(),
  destination_ips: z.array(z.string()).optional(),
  description: z.string().nullish(),
});
export type Rule = z.infer<typeof Rule>;

export const Firewall = z.object({
  ...Own,
  rules: z.array(Rule),
  applied_to: z.array(z.object({ type: z.string(), server: z.object({ id: Id }).optional() })),
});
export type Firewall = z.infer<typeof Firewall>;

export const SshKey = z.object({ ...Own, fingerprint: z.string(), public_key: z.string() });
export type SshKey = z.infer<typeof SshKey>;

export const Service = z.object({
  protocol: z.string(),
  listen_port: z.int(),
  destination_port: z.int(),
  health_check: z.object({ protocol: z.string(), http: z.object({ path: z.string() }).nullish() }),
});
export type Service = z.infer<typeof Service>;

export const LoadBalancer = z.object({
  ...Own,
  load_balancer_type: z.object({ name: z.string() }),
  location: Place,
  algorithm: z.object({ type: z.string() }),
  services: z.array(Service),
  targets: z.array(z.object({ type: z.string(), server: z.object({ id: Id }).optional() })),
  public_net: z.object({ ipv4: z.object({ ip: z.string().nullish() }) }),
  private_net: z.array(z.object({ network: Id, ip: z.string().nullish() })),
  protection: Protection,
});
export type LoadBalancer = z.infer<typeof LoadBalancer>;

export const FloatingIp = z.object({
  ...Own,
  ip: z.string(),
  type: z.string(),
  server: Id.nullable(),
  home_location: Place,
  protection: Protection,
});
export type FloatingIp = z.infer<typeof FloatingIp>;

export const PlacementGroup = z.object({ ...Own, type: z.string(), servers: z.array(Id) });
export type PlacementGroup = z.infer<typeof PlacementGroup>;

/** Actions that an answer brings along with an object. */
export const Started = z.object({
  action: Action.nullish(),
  actions: z.array(Action).optional(),
  next_actions: z.array(Action).optional(),
});
export type Started = z.infer<typeof Started>;

/** What a request for an action answers with: one action, or several. */
export const Ordered = Started.refine(({ action, actions }) => action != null || actions !== undefined);

/** Ids of the actions that still go on. */
export function runningOf(started: Started): readonly string[] {
  const all = [
    ...(started.action == null ? [] : [started.action]),
    ...(started.actions ?? []),
    ...(started.next_actions ?? []),
  ];
  return all.filter(action => action.status !== 'success').map(action => String(action.id));
}

export const ActionsReply = z.object({ actions: z.array(Action) });

export const Page = z.object({
  meta: z.object({
    pagination: z.object({ next_page: z.int().nullable(), total_entries: z.int().nullable() }),
  }),
});

const Prices = z.array(z.object({ location: z.string(), price_monthly: z.object({ net: z.string() }) }));

export const ServerTypesPage = Page.extend({
  server_types: z.array(
    z.object({
      name: z.string(),
      architecture: z.string().optional(),
      disk: z.number().optional(),
      prices: Prices,
      locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).optional(),
    }),
  ),
});
export const BalancerTypesPage = Page.extend({
  load_balancer_types: z.array(z.object({ name: z.string(), prices: Prices })),
});
export const ImagesPage = Page.extend({ images: z.array(z.object({ name: z.string().nullable(), type: z.string() })) });
export const LocationsPage = Page.extend({ locations: z.array(Place) });
export const PricingReply = z.object({
  pricing: z.object({
    currency: z.string(),
    volume: z.object({ price_per_gb_month: z.object({ net: z.string() }) }),
    floating_ips: z
      .array(
        z.object({ type: z.string(), prices: z.array(z.object({ price_monthly: z.object({ net: z.string() }) })) }),
      )
      .optional(),
  }),
});
