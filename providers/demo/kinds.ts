import type { KindName } from '../../schemas/name.ts';
import { firewall } from './firewall.ts';
import { floatingIp } from './floating-ip.ts';
import type { DemoKind } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { placementGroup } from './placement-group.ts';
import { server } from './server.ts';
import { sshKey } from './ssh-key.ts';
import { subnet } from './subnet.ts';
import { taskserv } from './taskserv.ts';
import { volume } from './volume.ts';

const KINDS: { readonly [kind: string]: DemoKind } = {
  firewall,
  'floating-ip': floatingIp,
  'load-balancer': loadBalancer,
  network,
  'placement-group': placementGroup,
  server,
  'ssh-key': sshKey,
  subnet,
  volume,
};

/** How the demo cloud writes a kind; undefined when it does not have it. */
export function demoKindOf(kind: KindName): DemoKind | undefined {
  if (kind.startsWith('taskserv.')) return taskserv;
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}
