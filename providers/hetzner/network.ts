import type { Definition } from './kind.ts';
import { MEMO } from './labels.ts';
import { fault } from './faults.ts';
import { Network } from './replies.ts';

export const network: Definition<Network> = {
  kind: 'network',
  collection: 'networks',
  member: 'network',
  reply: Network,
  pollMs: 500,
  hasProtection: true,
  show(_ctx, account, object) {
    account.ranges.set(
      object.id,
      object.subnets.map(subnet => subnet.ip_range),
    );
    const zone = object.labels[MEMO.zone];
    return {
      spec: { ipRange: object.ip_range, ...(zone === undefined ? {} : { zone }) },
      outputs: { ipRange: object.ip_range },
      attached: object.servers.length > 0 || object.subnets.length > 0,
    };
  },
  body: (_ctx, _account, { spec }) => ({
    body: { ip_range: spec['ipRange'] },
    memo: typeof spec['zone'] === 'string' ? { [MEMO.zone]: spec['zone'] } : {},
  }),
  release(_account, object) {
    // Hetzner would delete the subnets together with the network, whoever they belong to.
    if (object.subnets.length === 0) return null;
    throw fault('dependency', 'resource_in_use', 'delete network', { why: 'it still has subnets' });
  },
};
