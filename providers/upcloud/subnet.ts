import { sameJson } from '../../schemas/json.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { zoneFor } from './account.ts';
import { ask } from './client.ts';
import { textOf } from './fields.ts';
import type { Sight, UpcloudKind } from './kind.ts';
import { labelMap, labelPairs, newLabels, wantedLabels, wantedName } from './labels.ts';
import { about, lookUp } from './look.ts';
import { type Network, NetworkReply } from './replies.ts';

/** A subnet is what UpCloud calls a network: one range, attached to a router. */
export function subnetSeen(network: Network): Observed {
  const labels = labelMap(network.labels);
  const [range] = network.ip_networks.ip_network;
  return {
    kind: 'subnet',
    id: network.uuid,
    name: network.name,
    spec: {
      ...(network.router == null ? {} : { network: network.router }),
      ...(range === undefined ? {} : { ipRange: range.address }),
      zone: network.zone,
      labels: withoutOwner(labels),
    },
    outputs: { id: network.uuid, ipRange: range?.address ?? null, gateway: range?.gateway ?? null },
    owner: ownerOf(labels),
    phase: 'ready',
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: 0,
    attached: network.servers.server.length > 0,
  };
}

function sightOf(network: Network): Sight {
  const labels = labelMap(network.labels);
  const path = `/network/${network.uuid}`;
  return {
    observed: subnetSeen(network),
    labels,
    isBusy: false,
    toward(_ctx, goal) {
      const name = wantedName({ name: network.name, labels }, goal);
      const wanted = wantedLabels(labels, goal);
      if (name === network.name && sameJson(wanted, labels)) return null;
      return { method: 'PUT', path, body: { network: { name, labels: labelPairs(wanted) } }, reply: NetworkReply };
    },
    away: () => ({ method: 'DELETE', path, reply: null }),
  };
}

export const subnet: UpcloudKind = {
  pollMs: 1_000,
  async look(ctx, account, id) {
    const what = 'read subnet';
    const found = await lookUp(ctx, account, { what, path: `/network/${encodeURIComponent(id)}`, reply: NetworkReply });
    return found === null ? null : sightOf(about(found.network, found.network.uuid === id, what));
  },
  async create(ctx, account, request) {
    const what = 'create subnet';
    const { spec } = request;
    const address = textOf(spec, 'ipRange') ?? '';
    const { network } = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: '/network/',
      body: {
        network: {
          name: cloudName(request.owner),
          zone: zoneFor(account, spec, what),
          router: spec['network'],
          labels: labelPairs(newLabels(request)),
          ip_networks: {
            ip_network: [
              { address, family: address.includes(':') ? 'IPv6' : 'IPv4', dhcp: 'yes', dhcp_default_route: 'no' },
            ],
          },
        },
      },
      accepted: 'create.accepted',
      reply: NetworkReply,
    });
    return sightOf(network);
  },
};
