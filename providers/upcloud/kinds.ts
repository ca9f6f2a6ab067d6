import type { KindName } from '../../schemas/name.ts';
import { fault } from './faults.ts';
import { floatingIp } from './floating-ip.ts';
import type { UpcloudKind } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { placementGroup } from './placement-group.ts';
import { server } from './server.ts';
import { subnet } from './subnet.ts';
import { volume } from './volume.ts';

/** The kinds that UpCloud has objects for. */
const KINDS: { readonly [kind: string]: UpcloudKind } = {
  'floating-ip': floatingIp,
  'load-balancer': loadBalancer,
  network,
  'placement-group': placementGroup,
  server,
  subnet,
  volume,
};

/** The kind, or a fault that says that UpCloud does not have it. */
export function kindFor(kind: KindName): UpcloudKind {
  const found = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (found !== undefined) return found;
  throw fault('unsupported', 'unknown_kind', kind, { why: 'UpCloud does not have this kind' });
}
