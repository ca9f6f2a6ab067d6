import type { CallContext, Observed } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { type Account, zoneFor } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { textOf } from './fields.ts';
import type { Sight, UpcloudKind } from './kind.ts';
import { about, lookUp } from './look.ts';
import { serverDetail } from './power.ts';
import { type IpAddress, IpAddressReply, type ServerDetail } from './replies.ts';

/** A floating address carries no labels and no name: its address is its id. */
export function floatingIpSeen(address: IpAddress): Observed {
  const { server, zone } = address;
  return {
    kind: 'floating-ip',
    id: address.address,
    name: address.address,
    spec: {
      version: address.family === 'IPv6' ? 'ipv6' : 'ipv4',
      ...(zone === undefined ? {} : { zone }),
      ...(server == null ? {} : { server }),
    },
    outputs: { id: address.address, ip: address.address },
    owner: null,
    phase: 'ready',
    protected: false,
    createdAt: 0,
    attached: server != null,
  };
}

/** The family of addresses that a spec asks for. */
export function familyOf(spec: Spec): 'IPv4' | 'IPv6' {
  return textOf(spec, 'version') === 'ipv6' ? 'IPv6' : 'IPv4';
}

function sightOf(account: Account, address: IpAddress): Sight {
  const path = `/ip_address/${encodeURIComponent(address.address)}`;
  const put = (mac: string | null) => {
    const body = { ip_address: { mac } };
    return { method: 'PATCH', path, body, reply: IpAddressReply } as const;
  };
  return {
    observed: floatingIpSeen(address),
    labels: {},
    isBusy: false,
    async toward(ctx, goal) {
      const wanted = textOf(goal.spec, 'server');
      if (!goal.fields.includes('server') || (address.server ?? undefined) === wanted) return null;
      return put(wanted === undefined ? null : await macOf(ctx, account, wanted, address.family));
    },
    away: () => (address.mac == null ? { method: 'DELETE', path, reply: null } : put(null)),
  };
}

/** The hardware address of the interface that can take a floating address. */
async function macOf(ctx: CallContext, account: Account, id: string, family: string): Promise<string> {
  const server = await serverDetail(ctx, account, id);
  const open = server === null ? [] : interfacesOf(server).filter(one => one.type === 'public');
  const right = open.find(one => one.ip_addresses.ip_address.some(address => address.family === family)) ?? open[0];
  if (right !== undefined) return right.mac;
  const why = server === null ? 'its server does not exist' : 'its server has no public interface';
  throw fault('invalid-input', 'no_interface', 'attach floating-ip', { why });
}

function interfacesOf(server: ServerDetail): ServerDetail['networking']['interfaces']['interface'] {
  return server.networking.interfaces.interface;
}

export const floatingIp: UpcloudKind = {
  pollMs: 1_000,
  async look(ctx, account, id) {
    const what = 'read floating-ip';
    const path = `/ip_address/${encodeURIComponent(id)}`;
    const found = await lookUp(ctx, account, { what, path, reply: IpAddressReply });
    if (found === null || found.ip_address.floating !== 'yes') return null;
    return sightOf(account, about(found.ip_address, found.ip_address.address === id, what));
  },
  async create(ctx, account, request) {
    const what = 'create floating-ip';
    const { spec } = request;
    const family = familyOf(spec);
    const server = textOf(spec, 'server');
    const place =
      server === undefined
        ? { zone: zoneFor(account, spec, what) }
        : { mac: await macOf(ctx, account, server, family) };
    const { ip_address: address } = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: '/ip_address',
      body: { ip_address: { family, floating: 'yes', ...place } },
      accepted: 'create.accepted',
      reply: IpAddressReply,
    });
    return sightOf(account, address);
  },
};
