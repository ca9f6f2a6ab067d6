import type { Json } from '../../../schemas/json.ts';

/** An object of a state file: its type, name and attributes, and what is marked as sensitive. */
export type Row = readonly [
  type: string,
  name: string,
  attributes: { readonly [attribute: string]: Json },
  sensitive?: readonly string[],
];

/** A state file of format version 4. */
export function stateFile(rows: readonly Row[]): string {
  const resources = rows.map(([type, name, attributes, sensitive = []]) => ({
    mode: 'managed',
    type,
    name,
    provider: 'provider["registry.terraform.io/example/example"]',
    instances: [
      {
        schema_version: 0,
        attributes,
        sensitive_attributes: sensitive.map(value => [{ type: 'get_attr', value }]),
        private: 'bnVsbA==',
      },
    ],
  }));
  return JSON.stringify({ version: 4, terraform_version: '1.9.0', serial: 7, lineage: 'x', outputs: {}, resources });
}

export const PASSWORD = 'hunter2-of-the-state';

/** A small site at Hetzner Cloud, with attachments as resources of their own. */
export const HETZNER: readonly Row[] = [
  [
    'hcloud_ssh_key',
    'ops',
    { id: '11', name: 'ops', public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops\n', labels: {} },
  ],
  ['hcloud_placement_group', 'web', { id: '12', name: 'web', type: 'spread', labels: null }],
  ['hcloud_network', 'main', { id: '13', name: 'main', ip_range: '10.0.0.0/16', labels: { env: 'prod' } }],
  [
    'hcloud_network_subnet',
    'a',
    { id: '13-10.0.1.0/24', network_id: 13, type: 'cloud', network_zone: 'eu-central', ip_range: '10.0.1.0/24' },
  ],
  [
    'hcloud_firewall',
    'web',
    {
      id: '14',
      name: 'web',
      labels: {},
      rule: [
        {
          direction: 'in',
          protocol: 'tcp',
          port: '80',
          source_ips: ['0.0.0.0/0', '::/0'],
          destination_ips: [],
          description: 'Web',
        },
        {
          direction: 'in',
          protocol: 'tcp',
          port: '8000-8100',
          source_ips: ['192.0.2.1'],
          destination_ips: [],
          description: '',
        },
        {
          direction: 'out',
          protocol: 'udp',
          port: 'any',
          source_ips: [],
          destination_ips: ['10.0.0.0/8'],
          description: null,
        },
      ],
    },
  ],
  [
    'hcloud_server',
    'web',
    {
      id: '15',
      name: 'web-1',
      server_type: 'cx23',
      image: 'debian-12',
      location: 'hel1',
      ssh_keys: ['ops'],
      firewall_ids: [],
      placement_group_id: 12,
      ipv4_address: '192.0.2.10',
      labels: { role: 'web' },
      user_data: PASSWORD,
      network: [],
    },
    ['user_data'],
  ],
  ['hcloud_server_network', 'web', { id: '15-13', server_id: 15, network_id: 13, subnet_id: null, ip: '10.0.1.2' }],
  ['hcloud_firewall_attachment', 'web', { id: '14', firewall_id: 14, server_ids: [15] }],
  [
    'hcloud_volume',
    'data',
    { id: '16', name: 'data', size: 50, location: 'hel1', server_id: 0, format: 'ext4', labels: {} },
  ],
  ['hcloud_volume_attachment', 'data', { id: '16', volume_id: 16, server_id: 15 }],
  [
    'hcloud_floating_ip',
    'web',
    { id: '17', name: 'web', type: 'ipv4', home_location: 'hel1', server_id: 15, labels: {} },
  ],
  [
    'hcloud_load_balancer',
    'web',
    {
      id: '18',
      name: 'web',
      load_balancer_type: 'lb11',
      location: 'hel1',
      algorithm: [{ type: 'round_robin' }],
      labels: {},
    },
  ],
  ['hcloud_load_balancer_network', 'web', { id: '18-13', load_balancer_id: 18, subnet_id: '13-10.0.1.0/24' }],
  [
    'hcloud_load_balancer_service',
    'http',
    {
      id: '18__80',
      load_balancer_id: '18',
      protocol: 'http',
      listen_port: 80,
      destination_port: 8080,
      health_check: [{ http: [{ path: '/healthz' }] }],
    },
  ],
  ['hcloud_load_balancer_target', 'web', { id: 'x', load_balancer_id: 18, type: 'server', server_id: 15 }],
  ['hcloud_rdns', 'web', { id: 's-15-192.0.2.10', server_id: 15 }],
];

/** A small site at AWS: rules in all three forms, one group that cannot be described. */
export const AWS: readonly Row[] = [
  [
    'aws_key_pair',
    'ops',
    { id: 'ops', key_name: 'ops', key_pair_id: 'key-1', public_key: 'ssh-rsa AAAAB3Nz ops', tags: null },
  ],
  ['aws_placement_group', 'web', { id: 'web', name: 'web', placement_group_id: 'pg-1', strategy: 'spread', tags: {} }],
  ['aws_vpc', 'main', { id: 'vpc-1', cidr_block: '10.1.0.0/16', tags: { Name: 'main', env: 'prod', 'aws:x': 'y' } }],
  [
    'aws_subnet',
    'a',
    {
      id: 'subnet-1',
      vpc_id: 'vpc-1',
      cidr_block: '10.1.1.0/24',
      availability_zone: 'eu-north-1a',
      tags: { Name: 'a' },
    },
  ],
  [
    'aws_security_group',
    'web',
    {
      id: 'sg-1',
      name: 'web',
      vpc_id: 'vpc-1',
      tags: {},
      ingress: [
        {
          from_port: 443,
          to_port: 443,
          protocol: 'tcp',
          cidr_blocks: ['0.0.0.0/0'],
          ipv6_cidr_blocks: [],
          security_groups: [],
          prefix_list_ids: [],
          self: false,
          description: '',
        },
      ],
      egress: [
        {
          from_port: 0,
          to_port: 0,
          protocol: '-1',
          cidr_blocks: ['0.0.0.0/0'],
          ipv6_cidr_blocks: [],
          security_groups: [],
          prefix_list_ids: [],
          self: false,
          description: '',
        },
      ],
    },
  ],
  [
    'aws_security_group_rule',
    'ssh',
    {
      id: 'sgrule-1',
      security_group_id: 'sg-1',
      type: 'ingress',
      from_port: 22,
      to_port: 22,
      protocol: 'tcp',
      cidr_blocks: ['192.0.2.0/24'],
      self: false,
    },
  ],
  [
    'aws_vpc_security_group_ingress_rule',
    'high',
    {
      id: 'sgr-1',
      security_group_id: 'sg-1',
      ip_protocol: 'udp',
      from_port: 0,
      to_port: 100,
      cidr_ipv4: '10.0.0.0/8',
      cidr_ipv6: null,
    },
  ],
  [
    'aws_security_group',
    'inner',
    {
      id: 'sg-2',
      name: 'inner',
      tags: {},
      ingress: [{ from_port: 0, to_port: 0, protocol: '-1', cidr_blocks: [], security_groups: ['sg-1'], self: false }],
      egress: [],
    },
  ],
  [
    'aws_instance',
    'web',
    {
      id: 'i-1',
      instance_type: 't3.micro',
      ami: 'ami-1',
      availability_zone: 'eu-north-1a',
      key_name: 'ops',
      subnet_id: 'subnet-1',
      vpc_security_group_ids: ['sg-1'],
      placement_group: 'web',
      associate_public_ip_address: true,
      user_data: PASSWORD,
      tags: { Name: 'Web One' },
    },
  ],
  [
    'aws_ebs_volume',
    'data',
    { id: 'vol-1', size: 20, type: 'gp3', availability_zone: 'eu-north-1a', tags: { Name: 'data' } },
  ],
  ['aws_volume_attachment', 'data', { id: 'vai-1', volume_id: 'vol-1', instance_id: 'i-1', device_name: '/dev/sdf' }],
  ['aws_eip', 'web', { id: 'eipalloc-1', instance: '', tags: {} }],
  ['aws_eip_association', 'web', { id: 'eipassoc-1', allocation_id: 'eipalloc-1', instance_id: 'i-1' }],
  ['aws_lb', 'web', { id: 'arn:lb', name: 'web', load_balancer_type: 'network', subnets: ['subnet-1'], tags: {} }],
  [
    'aws_lb_listener',
    'web',
    {
      id: 'arn:listener',
      load_balancer_arn: 'arn:lb',
      protocol: 'TCP',
      port: 80,
      default_action: [{ type: 'forward', target_group_arn: 'arn:tg' }],
    },
  ],
  ['aws_lb_target_group', 'web', { id: 'arn:tg', arn: 'arn:tg', port: 8080, health_check: [{ path: '/up' }] }],
  ['aws_lb_target_group_attachment', 'web', { id: 'x', target_group_arn: 'arn:tg', target_id: 'i-1' }],
  [
    'aws_lb',
    'old',
    { id: 'arn:old', name: 'old', load_balancer_type: 'application', subnets: ['subnet-1', 'subnet-2'], tags: {} },
  ],
  ['aws_db_instance', 'main', { id: 'db', password: PASSWORD }, ['password']],
];

/** A small site at UpCloud: routers are our networks, and networks our subnets. */
export const UPCLOUD: readonly Row[] = [
  [
    'upcloud_server_group',
    'web',
    { id: 'grp-1', title: 'web', anti_affinity_policy: 'strict', members: ['srv-1'], labels: {} },
  ],
  ['upcloud_router', 'main', { id: 'rtr-1', name: 'main', labels: {} }],
  [
    'upcloud_network',
    'a',
    { id: 'net-1', name: 'a', zone: 'fi-hel1', router: 'rtr-1', ip_network: [{ address: '10.2.1.0/24' }], labels: {} },
  ],
  [
    'upcloud_network',
    'b',
    { id: 'net-2', name: 'b', zone: 'fi-hel1', router: 'rtr-1', ip_network: [{ address: '10.2.2.0/24' }], labels: {} },
  ],
  [
    'upcloud_server',
    'web',
    {
      id: 'srv-1',
      hostname: 'web.example.com',
      title: 'web',
      plan: '1xCPU-2GB',
      zone: 'fi-hel1',
      template: [{ storage: 'Debian GNU/Linux 12 (Bookworm)', size: 25 }],
      network_interface: [
        { type: 'public', ip_address: '192.0.2.20', mac_address: 'aa', network: '03' },
        { type: 'private', ip_address: '10.2.1.5', mac_address: 'bb', network: 'net-1' },
      ],
      storage_devices: [{ storage: 'sto-1' }],
      login: [{ user: 'ops', keys: ['ssh-ed25519 AAAA'] }],
      labels: {},
    },
  ],
  ['upcloud_storage', 'data', { id: 'sto-1', title: 'data', size: 30, tier: 'maxiops', zone: 'fi-hel1' }],
  [
    'upcloud_floating_ip_address',
    'web',
    { id: '192.0.2.30', ip_address: '192.0.2.30', family: 'IPv4', zone: 'fi-hel1', mac_address: 'aa' },
  ],
  [
    'upcloud_loadbalancer',
    'web',
    {
      id: 'lb-1',
      name: 'web',
      plan: 'development',
      zone: 'fi-hel1',
      networks: [
        { type: 'public', network: null },
        { type: 'private', network: 'net-1' },
      ],
      labels: {},
    },
  ],
  [
    'upcloud_loadbalancer_backend',
    'web',
    { id: 'lb-1/web', loadbalancer: 'lb-1', name: 'web', properties: [{ health_check_url: '/' }] },
  ],
  [
    'upcloud_loadbalancer_frontend',
    'web',
    {
      id: 'lb-1/https',
      loadbalancer: 'lb-1',
      name: 'https',
      mode: 'http',
      port: 443,
      default_backend_name: 'web',
      tls_configs: ['x'],
    },
  ],
  [
    'upcloud_loadbalancer_static_backend_member',
    'web',
    { id: 'lb-1/web/a', backend: 'lb-1/web', ip: '10.2.1.5', port: 8080 },
  ],
  ['upcloud_managed_database_postgresql', 'main', { id: 'db', service_password: PASSWORD }],
];
