import { Refusal } from './model.ts';

interface Rule {
  readonly status: number;
  readonly code: string;
  readonly says: string;
  /** Where it is known from. The API description itself does not hold it. */
  readonly source: string;
}

/** Behaviour that the official API description leaves out: every refusal of the fake is one of these. */
export const RULES = {
  unauthorized: {
    status: 401,
    code: 'unauthorized',
    says: 'unable to authenticate',
    source: 'API documentation, Errors',
  },
  'rate-limit': {
    status: 429,
    code: 'rate_limit_exceeded',
    says: 'limit of requests per hour reached',
    source: 'API documentation, Rate limiting: 3600 an hour, one comes back each second',
  },
  'not-found': { status: 404, code: 'not_found', says: 'not found', source: 'API documentation, Errors' },
  'removed-endpoint': {
    status: 410,
    code: 'deprecated_api_endpoint',
    says: 'this endpoint was removed',
    source: 'hcloud-go CHANGELOG: /datacenters after 2026-10-01',
  },
  'bad-json': { status: 400, code: 'json_error', says: 'invalid JSON', source: 'API documentation, Errors' },
  'bad-input': { status: 422, code: 'invalid_input', says: 'invalid input', source: 'API documentation, Errors' },
  'bad-page': {
    status: 422,
    code: 'invalid_input',
    says: 'per_page must be between 1 and 50',
    source: 'API documentation, Pagination; that more is refused and not cut is an assumption',
  },
  'bad-labels': {
    status: 422,
    code: 'invalid_input',
    says: 'invalid labels',
    source: 'API documentation, Labels: keys to 63 characters with an optional prefix, values to 63',
  },
  'bad-hostname': {
    status: 422,
    code: 'invalid_input',
    says: 'the name is no valid hostname',
    source: 'API documentation, POST /servers: names by RFC 1123',
  },
  'bad-reference': {
    status: 404,
    code: 'not_found',
    says: 'something that is referred to was not found',
    source: 'hcloud-go: not_found of creations; that it is not invalid_input is an assumption',
  },
  'action-ids': {
    status: 422,
    code: 'invalid_input',
    says: 'id is required, and at most 25 of them',
    source: 'hcloud-go CHANGELOG: unfiltered listing removed on 2025-01-30; its clients send 25 ids',
  },
  'unique-name': {
    status: 409,
    code: 'uniqueness_error',
    says: 'name is already used',
    source: 'API documentation: names are unique for each kind in a project',
  },
  'unique-fingerprint': {
    status: 409,
    code: 'uniqueness_error',
    says: 'SSH key with the same fingerprint already exists',
    source: 'API documentation, POST /ssh_keys',
  },
  locked: {
    status: 423,
    code: 'locked',
    says: 'another action is running on it',
    source: 'API documentation, Errors; terraform-provider-hcloud repeats on it',
  },
  'network-busy': {
    status: 409,
    code: 'conflict',
    says: 'a change is being performed on the network',
    source: 'API documentation, add_subnet and delete_subnet',
  },
  protected: { status: 423, code: 'protected', says: 'it is protected', source: 'API documentation, Errors' },
  quota: {
    status: 403,
    code: 'resource_limit_exceeded',
    says: 'the limit of the project is reached',
    source: 'API documentation, Errors',
  },
  'sold-out': {
    status: 412,
    code: 'resource_unavailable',
    says: 'the size is not available here',
    source: 'API documentation, POST /servers errors',
  },
  'off-for-size': {
    status: 422,
    code: 'server_not_stopped',
    says: 'the server must be off',
    source: 'API documentation, change_type: the server has to be turned off',
  },
  'disk-too-small': {
    status: 422,
    code: 'invalid_server_type',
    says: 'the disk of that type is smaller than the one of the server',
    source: 'API documentation, change_type',
  },
  'off-for-group': {
    status: 422,
    code: 'server_not_stopped',
    says: 'the server must be off',
    source: 'API documentation, add_to_placement_group',
  },
  'server-without-net': {
    status: 422,
    code: 'invalid_input',
    says: 'a server without any interface cannot start',
    source: 'terraform-provider-hcloud: such a server is made with start_after_create false',
  },
  'firewall-needs-public': {
    status: 422,
    code: 'private_net_only_server',
    says: 'a firewall needs a public interface',
    source: 'hcloud-go error codes',
  },
  'already-in-network': {
    status: 422,
    code: 'server_already_attached',
    says: 'already attached to the network',
    source: 'hcloud-go error codes',
  },
  'not-in-network': {
    status: 422,
    code: 'server_not_attached_to_network',
    says: 'not attached to the network',
    source: 'hcloud-go error codes',
  },
  'no-subnet': {
    status: 422,
    code: 'no_subnet_available',
    says: 'no subnet in this network zone',
    source: 'hcloud-go error codes',
  },
  'subnet-overlap': {
    status: 422,
    code: 'invalid_input',
    says: 'the range overlaps with another subnet',
    source: 'API documentation, add_subnet: ranges must not overlap; the code is an assumption',
  },
  'subnet-outside': {
    status: 422,
    code: 'invalid_input',
    says: 'the range is not inside the one of the network',
    source: 'API documentation, add_subnet',
  },
  'subnet-in-use': {
    status: 409,
    code: 'conflict',
    says: 'cannot remove subnet because servers are attached to it',
    source: 'terraform-provider-hcloud repeats subnet deletion on these words',
  },
  'volume-attached': {
    status: 422,
    code: 'volume_already_attached',
    says: 'the volume is attached',
    source: 'API documentation, DELETE /volumes: it has to be detached',
  },
  'volume-elsewhere': {
    status: 422,
    code: 'invalid_input',
    says: 'volume and server are in different locations',
    source: 'API documentation, attach',
  },
  'volume-shrinks': {
    status: 422,
    code: 'invalid_input',
    says: 'a volume can only grow',
    source: 'API documentation, resize',
  },
  'firewall-in-use': {
    status: 422,
    code: 'resource_in_use',
    says: 'the firewall is applied to something',
    source: 'API documentation, DELETE /firewalls',
  },
  'firewall-applied': {
    status: 422,
    code: 'firewall_already_applied',
    says: 'already applied',
    source: 'terraform-provider-hcloud takes it for success',
  },
  'firewall-not-applied': {
    status: 422,
    code: 'firewall_already_removed',
    says: 'not applied',
    source: 'hcloud-go error codes',
  },
  'rule-ports': {
    status: 422,
    code: 'invalid_input',
    says: 'a port is given exactly for tcp and udp, source_ips exactly for in, destination_ips exactly for out',
    source: 'API documentation, firewall rules',
  },
  'group-full': {
    status: 422,
    code: 'placement_error',
    says: 'a placement group takes ten servers',
    source: 'API documentation, Placement groups',
  },
  'group-in-use': {
    status: 422,
    code: 'resource_in_use',
    says: 'the placement group has servers',
    source: 'assumption, to be on the safe side: hcloud-go knows the code for it',
  },
  'address-assigned': {
    status: 422,
    code: 'must_be_unassigned',
    says: 'it must be unassigned',
    source: 'hcloud-go CHANGELOG: since 2026-05-01',
  },
  'target-known': {
    status: 422,
    code: 'target_already_defined',
    says: 'target already defined',
    source: 'terraform-provider-hcloud takes it for success',
  },
  'target-unknown': {
    status: 404,
    code: 'not_found',
    says: 'no such target',
    source: 'API documentation, remove_target',
  },
  'target-needs-private': {
    status: 422,
    code: 'load_balancer_not_attached_to_network',
    says: 'a target by its private address needs a load balancer in the network',
    source: 'hcloud-go error codes',
  },
  'target-not-private': {
    status: 422,
    code: 'server_not_attached_to_network',
    says: 'the server is not in the network of the load balancer',
    source: 'hcloud-go error codes',
  },
  'target-without-public': {
    status: 422,
    code: 'missing_ipv4',
    says: 'the server has no public IPv4 address',
    source: 'hcloud-go error codes',
  },
  'port-taken': {
    status: 422,
    code: 'source_port_already_used',
    says: 'there is a service on this port',
    source: 'hcloud-go error codes',
  },
  'service-unknown': {
    status: 404,
    code: 'not_found',
    says: 'no such service',
    source: 'API documentation, delete_service',
  },
  'balancer-in-network': {
    status: 422,
    code: 'load_balancer_already_attached',
    says: 'already attached to a network',
    source: 'hcloud-go error codes',
  },
} as const satisfies { readonly [rule: string]: Rule };

/** The refusal by a rule. */
export function refuse(rule: keyof typeof RULES, details: unknown = null): Refusal {
  const { status, code, says } = RULES[rule];
  return new Refusal(status, code, says, details);
}

/** Refuses by the rule unless all is well. */
export function must(isWell: boolean, rule: keyof typeof RULES): void {
  if (!isWell) throw refuse(rule);
}
