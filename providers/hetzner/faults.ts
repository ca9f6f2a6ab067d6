import type { ProviderErrorClass } from '../../schemas/provider.ts';
import { classOfStatus, faultAt } from '../transport/fault.ts';

/** What messages call it. */
export const CLOUD = 'Hetzner Cloud';

/** What each code means for the engine. Source: the official Go client and its documentation of errors. */
const CLASSES: { readonly [code: string]: ProviderErrorClass } = {
  json_error: 'bug',
  invalid_input: 'invalid-input',
  unsupported_error: 'unsupported',
  invalid_server_type: 'invalid-input',
  incompatible_network_type: 'invalid-input',
  networks_overlap: 'invalid-input',
  private_net_only_server: 'invalid-input',
  firewall_resource_not_found: 'invalid-input',
  ip_not_available: 'invalid-input',
  ip_not_owned: 'invalid-input',
  source_port_already_used: 'invalid-input',
  unauthorized: 'unauthenticated',
  token_readonly: 'unauthenticated',
  forbidden: 'forbidden',
  maintenance: 'transient',
  resource_limit_exceeded: 'quota',
  not_found: 'not-found',
  uniqueness_error: 'already-exists',
  vswitch_id_already_used: 'already-exists',
  conflict: 'conflict',
  deprecated_api_endpoint: 'drift-api',
  resource_unavailable: 'capacity',
  placement_error: 'capacity',
  no_space_left_in_location: 'capacity',
  no_subnet_available: 'capacity',
  service_error: 'transient',
  robot_unavailable: 'transient',
  must_be_unassigned: 'dependency',
  floating_ip_assigned: 'dependency',
  resource_in_use: 'dependency',
  server_is_load_balancer_target: 'dependency',
  server_already_attached: 'state',
  server_not_attached_to_network: 'state',
  load_balancer_already_attached: 'state',
  load_balancer_not_attached_to_network: 'state',
  volume_already_attached: 'state',
  server_not_stopped: 'state',
  locked: 'locked',
  protected: 'protected',
  rate_limit_exceeded: 'rate-limited',
};

export const fault = faultAt(CLOUD);

/** The class of an error answer. */
export function classOf(status: number, method: string, code: string): ProviderErrorClass {
  // A server error says nothing about what was done, whatever its code.
  const known = status < 500 && Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  return known ?? classOfStatus(status, method);
}

/** The class of an action that failed: codes are those of answers, and one that nobody knows is final. */
export function classOfAction(code: string): ProviderErrorClass {
  return (Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined) ?? 'state';
}
