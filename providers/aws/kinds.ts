import type { KindName } from '../../schemas/name.ts';
import { fault } from './errors.ts';
import { firewall } from './firewall.ts';
import { floatingIp } from './floating-ip.ts';
import type { AwsKind } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { placementGroup } from './placement-group.ts';
import { server } from './server.ts';
import { sshKey } from './ssh-key.ts';
import { subnet } from './subnet.ts';
import { volume } from './volume.ts';

/** Every kind, in the order in which a listing asks for them. */
export const KINDS: { readonly [kind: string]: AwsKind } = {
  'ssh-key': sshKey,
  network,
  subnet,
  firewall,
  server,
  volume,
  'floating-ip': floatingIp,
  'placement-group': placementGroup,
  'load-balancer': loadBalancer,
};

/** The kind, or a fault that says that AWS does not have it here. */
export function kindFor(kind: KindName): AwsKind {
  const found = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (found === undefined) throw fault('unsupported', 'unknown_kind', kind, { why: 'AWS does not have this kind' });
  return found;
}
