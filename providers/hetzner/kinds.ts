import type { KindName } from '../../schemas/name.ts';
import type { CourseCloud } from '../course/sight.ts';
import type { Account } from './account.ts';
import { CLOUD, fault } from './faults.ts';
import { firewall } from './firewall.ts';
import { floatingIp } from './floating-ip.ts';
import { type HetznerKind, kindOf } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { placementGroup } from './placement-group.ts';
import { server } from './server.ts';
import { sshKey } from './ssh-key.ts';
import { subnetKind } from './subnet.ts';
import { volume } from './volume.ts';

/** A project as the steps see it. */
export interface Hetzner extends CourseCloud {
  readonly account: Account;
  readonly kinds: ReadonlyMap<KindName, HetznerKind>;
  kindFor(kind: KindName): HetznerKind;
}

export function openHetzner(account: Account): Hetzner {
  const kinds = new Map<KindName, HetznerKind>([
    ['network', kindOf(account, network)],
    ['subnet', subnetKind(account)],
    ['server', kindOf(account, server)],
    ['volume', kindOf(account, volume)],
    ['firewall', kindOf(account, firewall)],
    ['ssh-key', kindOf(account, sshKey)],
    ['load-balancer', kindOf(account, loadBalancer)],
    ['floating-ip', kindOf(account, floatingIp)],
    ['placement-group', kindOf(account, placementGroup)],
  ]);
  return {
    name: CLOUD,
    account,
    kinds,
    fault,
    kindFor(kind) {
      const found = kinds.get(kind);
      if (found !== undefined) return found;
      throw fault('unsupported', 'unknown_kind', kind, { why: 'Hetzner Cloud does not have this kind' });
    },
  };
}
