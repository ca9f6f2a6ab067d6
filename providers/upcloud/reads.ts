import type { ZodType } from 'zod';
import type { KindName, WorkspaceKey } from '../../schemas/name.ts';
import { LABEL, ownerOf, workspaceLabel } from '../../schemas/owner.ts';
import type { CallContext, FindRequest, Observed } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { balancerSeen } from './load-balancer.ts';
import { capability } from './config.ts';
import { textOf } from './fields.ts';
import { familyOf, floatingIpSeen } from './floating-ip.ts';
import { kindFor } from './kinds.ts';
import { labelMap } from './labels.ts';
import { lookUp } from './look.ts';
import { networkSeen } from './network.ts';
import { pagesOf } from './pages.ts';
import { groupSeen } from './placement-group.ts';
import { debtFor } from './power.ts';
import {
  BalancersReply,
  GroupsReply,
  IpAddressesReply,
  NetworksReply,
  RoutersReply,
  ServersReply,
  type ServerSummary,
  StorageReply,
  StoragesReply,
  type StorageSummary,
} from './replies.ts';
import { serversSeen } from './servers.ts';
import { subnetSeen } from './subnet.ts';
import { volumeSeen } from './volume.ts';

export async function list(ctx: CallContext, account: Account, workspace: WorkspaceKey): Promise<readonly Observed[]> {
  const objects = await everything(ctx, account, `${LABEL.workspace}=${workspaceLabel(workspace)}`);
  return objects.filter(
    object => capability(object.kind)?.ownedBy === 'record' || object.owner?.workspace === workspace,
  );
}

export async function scan(ctx: CallContext, account: Account): Promise<readonly Observed[]> {
  return everything(ctx, account, null);
}

/** All objects with a label, or all there are; addresses have no labels and come all. */
async function everything(ctx: CallContext, account: Account, label: string | null): Promise<readonly Observed[]> {
  const query = label === null ? '' : `?label=${encodeURIComponent(label)}`;
  const read = <T>(path: string, reply: ZodType<T>): Promise<T> =>
    ask(ctx, account.client, { what: 'list objects', method: 'GET', path, reply });
  // Servers first: what is listed after them has everything that belongs to the servers of this list.
  const { servers } = await read(`/server${query}`, ServersReply);
  const [{ networks }, { routers }, { storages }, { ip_addresses: addresses }, balancers, { server_groups: groups }] =
    await Promise.all([
      // Networks come all, because they tell in which of them a server is.
      read('/network', NetworksReply),
      read(`/router${query}`, RoutersReply),
      read(`/storage${query}`, StoragesReply),
      read('/ip_address', IpAddressesReply),
      pagesOf(ctx, account, { path: '/load-balancer', query: label, reply: BalancersReply, idOf: one => one.uuid }),
      read(`/server-group${query}`, GroupsReply),
    ]);
  const inner = networks.network.filter(network => network.type === 'private');
  const shown = inner.filter(network => label === null || hasLabel(network.labels, label));
  return [
    ...(await serversSeen(ctx, account, {
      servers: servers.server,
      networks: inner,
      addresses: addresses.ip_address,
    })),
    ...routers.router.filter(router => router.type === 'normal').map(networkSeen),
    ...shown.map(subnetSeen),
    ...(await volumesSeen(ctx, account, { storages: storages.storage, servers: servers.server })),
    ...addresses.ip_address.filter(address => address.floating === 'yes').map(floatingIpSeen),
    ...balancers.map(balancerSeen),
    ...groups.server_group.map(groupSeen),
  ];
}

function hasLabel(labels: readonly { readonly key: string; readonly value: string }[], wanted: string): boolean {
  return labels.some(({ key, value }) => `${key}=${value}` === wanted);
}

/** Lists do not say which server a volume is in, so that each volume is read: one request for each of ours. */
async function volumesSeen(
  ctx: CallContext,
  account: Account,
  lists: { readonly storages: readonly StorageSummary[]; readonly servers: readonly ServerSummary[] },
): Promise<readonly Observed[]> {
  const disks = lists.storages.filter(storage => storage.type === 'normal' && !isBootDisk(storage));
  const seen = await Promise.all(
    disks.map(async ({ uuid }) => {
      const found = await lookUp(ctx, account, { what: 'list objects', path: `/storage/${uuid}`, reply: StorageReply });
      const isOwed = lists.servers.some(server => debtFor(server, uuid) !== undefined);
      return found === null ? null : volumeSeen(found.storage, isOwed);
    }),
  );
  return seen.filter(volume => volume !== null);
}

/** A disk that was cloned from an image is where a server boots from, unless somebody owns it for itself. */
function isBootDisk({ labels }: StorageSummary): boolean {
  return labels.some(({ key }) => key === '_template_uuid') && ownerOf(labelMap(labels)) === null;
}

const PATHS: { readonly [kind: string]: string } = {
  'load-balancer': '/load-balancer',
  network: '/router',
  'placement-group': '/server-group',
  server: '/server',
  subnet: '/network',
  volume: '/storage',
};

/** What an earlier attempt may have left: by its label, or what could be it where there are no labels. */
export async function find(ctx: CallContext, account: Account, request: FindRequest): Promise<readonly Observed[]> {
  const { kind, owner } = request;
  const rules = kindFor(kind);
  if (capability(kind)?.ownedBy === 'record') return candidates(ctx, account, request.spec);
  const label = `${LABEL.operation}=${owner.opId}`;
  const ids = await idsWith(ctx, account, PATHS[kind] ?? '', label);
  const sights = await Promise.all(ids.map(id => rules.look(ctx, account, id)));
  return sights.flatMap(sight => (sight === null ? [] : [sight.observed]));
}

async function idsWith(ctx: CallContext, account: Account, path: string, label: string): Promise<readonly string[]> {
  if (path === '/load-balancer') {
    const found = await pagesOf(ctx, account, { path, query: label, reply: BalancersReply, idOf: one => one.uuid });
    return found.map(one => one.uuid);
  }
  const query = `${path}?label=${encodeURIComponent(label)}`;
  const read = <T>(reply: ZodType<T>): Promise<T> =>
    ask(ctx, account.client, { what: 'find objects', method: 'GET', path: query, reply });
  const lists: { readonly [path: string]: () => Promise<readonly { readonly uuid: string }[]> } = {
    '/router': async () => (await read(RoutersReply)).routers.router,
    '/server-group': async () => (await read(GroupsReply)).server_groups.server_group,
    '/server': async () => (await read(ServersReply)).servers.server,
    '/network': async () => (await read(NetworksReply)).networks.network,
    '/storage': async () => (await read(StoragesReply)).storages.storage,
  };
  return ((await lists[path]?.()) ?? []).map(one => one.uuid);
}

/**
 * Floating addresses that an attempt may have made: those on the very server it asked for, or else those that belong to
 * nobody. Which of them it is nobody but a person can say.
 */
async function candidates(ctx: CallContext, account: Account, spec: Spec): Promise<readonly Observed[]> {
  const request = { what: 'find floating-ip', method: 'GET', path: '/ip_address', reply: IpAddressesReply } as const;
  const { ip_addresses: addresses } = await ask(ctx, account.client, request);
  const family = familyOf(spec);
  const server = textOf(spec, 'server');
  const zone = textOf(spec, 'zone') ?? account.zone;
  const right = addresses.ip_address.filter(address => address.floating === 'yes' && address.family === family);
  const there = right.filter(address => server !== undefined && address.server === server);
  const free = right.filter(address => address.server == null && (zone === undefined || address.zone === zone));
  return (there.length > 0 ? there : free).map(floatingIpSeen);
}

export async function read(
  ctx: CallContext,
  account: Account,
  object: { readonly kind: KindName; readonly id: string },
): Promise<Observed | null> {
  const sight = await kindFor(object.kind).look(ctx, account, object.id);
  return sight?.observed ?? null;
}
