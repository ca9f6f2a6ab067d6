import type { CallContext, Observed } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { labelMap, MEMO } from './labels.ts';
import { serverDetail } from './power.ts';
import { isWithin } from './ranges.ts';
import type { IpAddress, Network, ServerSummary } from './replies.ts';
import { rulesDigest } from './rules.ts';
import { partsOf, publicAddress, readRules, serverSeen } from './server.ts';

/** The lists that together tell what a server is. */
export interface Lists {
  readonly servers: readonly ServerSummary[];
  /** All private networks. */
  readonly networks: readonly Network[];
  readonly addresses: readonly IpAddress[];
}

/** Servers from the lists. A request of its own costs only a server with firewalls, and one whose inner address is not remembered yet. */
export async function serversSeen(ctx: CallContext, account: Account, lists: Lists): Promise<readonly Observed[]> {
  const subnets = new Map<string, Network>();
  for (const network of [...lists.networks].sort((a, b) => (a.uuid < b.uuid ? 1 : -1)))
    for (const { uuid } of network.servers.server) subnets.set(uuid, network);
  const open = new Map<string, IpAddress[]>();
  for (const address of lists.addresses) {
    if (address.access !== 'public' || address.server == null) continue;
    open.set(address.server, [...(open.get(address.server) ?? []), address]);
  }
  return Promise.all(
    lists.servers.map(async server => {
      const labels = labelMap(server.labels.label);
      const subnet = subnets.get(server.uuid);
      const remembered = labels[MEMO.privateIp];
      const [range] = subnet?.ip_networks.ip_network ?? [];
      const isKnown = remembered !== undefined && range !== undefined && isWithin(remembered, range.address);
      const found = labels[MEMO.rules] === undefined ? null : await readRules(ctx, account, server.uuid);
      const detail = subnet === undefined || isKnown ? null : await serverDetail(ctx, account, server.uuid);
      return serverSeen({
        server,
        subnet: subnet?.uuid,
        publicIp: publicAddress(open.get(server.uuid) ?? []),
        privateIp: isKnown ? remembered : detail === null ? undefined : partsOf(detail, undefined).privateIp,
        rules: found === null ? undefined : rulesDigest(found),
      });
    }),
  );
}
