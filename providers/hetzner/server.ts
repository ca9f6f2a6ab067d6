import type { CallContext, CreateRequest, Observed } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import type { Move } from '../course/sight.ts';
import { cloudInitOf } from '../transport/cloud-init.ts';
import { HOST_KEY_LABEL, hostKeyFor, hostKeyOf } from '../transport/host-key.ts';
import { type Account, networkOf } from './account.ts';
import { fault } from './faults.ts';
import { type BodyOf, type Definition, refId, type Shown, step } from './kind.ts';
import { idLabels, idsIn, MEMO } from './labels.ts';
import { pagesOf } from './pages.ts';
import { Action, Page, Server } from './replies.ts';
import { admitSize } from './sizes.ts';
import { subnetAt, subnetIdAt, splitSubnetId } from './ranges.ts';
import { z } from 'zod';

/** States of a server that can be used, or could if somebody switched it on. */
const PHASES: { readonly [status: string]: Observed['phase'] } = {
  running: 'ready',
  off: 'ready',
  stopping: 'ready',
  starting: 'ready',
  deleting: 'deleting',
};

/** States in which it takes orders. */
const SETTLED: ReadonlySet<string> = new Set(['running', 'off']);

/** The API takes 32 KiB, host key and all. */
const USER_DATA_BYTES = 32_768;

export const server: Definition<Server> = {
  kind: 'server',
  collection: 'servers',
  member: 'server',
  reply: Server,
  pollMs: 1_000,
  hasProtection: true,
  show,
  body,
  next,
  memo,
  async admit(ctx, account, object, goal) {
    const { size } = changes(goal, object);
    const isBegun = object.labels[MEMO.restart] !== undefined;
    if (size !== undefined && object.status === 'running' && !isBegun) await admitSize(ctx, account, object, size);
  },
};

async function show(ctx: CallContext, account: Account, object: Server): Promise<Shown> {
  const { public_net: net, private_net: own, labels } = object;
  const subnet = await subnetIdAt(ctx, account, own[0]);
  const group = object.placement_group?.id;
  const isPublic = net.ipv4 !== null || net.ipv6 !== null;
  // Whatever is begun on it is ended by whoever looks after it, with or without a memory of it.
  const isBegun = labels[MEMO.unfinished] !== undefined || labels[MEMO.restart] !== undefined;
  const phase = isBegun ? 'pending' : await phaseOf(ctx, account, object);
  return {
    spec: {
      size: object.server_type.name,
      ...(object.image?.name == null ? {} : { image: object.image.name }),
      zone: object.location.name,
      ...(subnet === undefined ? {} : { subnet }),
      firewalls: net.firewalls.map(({ id }) => String(id)).sort(),
      ...(group === undefined ? {} : { placementGroup: String(group) }),
      sshKeys: idsIn(labels, MEMO.sshKeys),
      publicIp: isPublic,
    },
    outputs: {
      publicIp: net.ipv4?.ip ?? net.ipv6?.ip.replace('::/64', '::1') ?? null,
      privateIp: own[0]?.ip ?? null,
      loginUser: 'root',
      hostKey: hostKeyOf(labels[HOST_KEY_LABEL]) ?? null,
    },
    phase,
    attached: object.volumes.length > 0 || object.load_balancers.length > 0,
    // On its way from one state to another it takes no orders, whether the API says that it is locked or not.
    isBusy: object.locked || (!SETTLED.has(object.status) && phase !== 'failed'),
    isLocked: object.locked || object.status === 'deleting' || (object.status === 'initializing' && phase !== 'failed'),
    isRunning: object.status !== 'off' && object.status !== 'stopping',
  };
}

const ActionsPage = Page.extend({ actions: z.array(Action) });

/** A server whose creation failed stays in its first state for ever; its actions tell. */
async function phaseOf(ctx: CallContext, account: Account, { id, status, locked }: Server): Promise<Observed['phase']> {
  const known = PHASES[status];
  if (known !== undefined || status !== 'initializing' || locked) return known ?? 'pending';
  const actions = await pagesOf(ctx, account.client, {
    path: `/servers/${id}/actions?sort=id:asc`,
    reply: ActionsPage,
    items: page => page.actions,
    idOf: action => String(action.id),
  });
  return actions.some(({ command, status: end }) => command === 'create_server' && end === 'error')
    ? 'failed'
    : 'pending';
}

async function body(ctx: CallContext, account: Account, { spec, owner }: CreateRequest): Promise<BodyOf> {
  const what = 'create server';
  const hostKey = hostKeyFor(account.client.token, owner.opId);
  const userData = cloudInitOf(hostKey, text(spec, 'userData'));
  if (Buffer.byteLength(userData) > USER_DATA_BYTES) {
    throw fault('invalid-input', 'user_data_too_long', what, {
      why: `userData with the host key has ${Buffer.byteLength(userData)} bytes; Hetzner Cloud takes ${USER_DATA_BYTES}`,
    });
  }
  const isPublic = spec['publicIp'] !== false;
  const subnet = text(spec, 'subnet');
  const at = subnet === undefined ? undefined : splitSubnetId(subnet);
  if (subnet !== undefined && at === undefined) refId(subnet, what);
  // With one subnet in the network there is no choice, and the server is attached in the same call.
  const isOnly = at !== undefined && (await networkOf(ctx, account, at.network, what)).subnets.length === 1;
  const ids = (field: string): number[] => ((spec[field] ?? []) as string[]).map(id => refId(id, what));
  return {
    body: {
      server_type: spec['size'],
      image: spec['image'],
      ...(spec['zone'] === undefined ? {} : { location: spec['zone'] }),
      ssh_keys: ids('sshKeys'),
      user_data: userData,
      firewalls: ids('firewalls').map(firewall => ({ firewall })),
      ...(spec['placementGroup'] === undefined ? {} : { placement_group: refId(spec['placementGroup'], what) }),
      public_net: { enable_ipv4: isPublic, enable_ipv6: isPublic },
      // Without any address it could not start: it is attached to its network first.
      start_after_create: isPublic || isOnly,
      ...(isOnly ? { networks: [at.network] } : {}),
    },
    memo: {
      [HOST_KEY_LABEL]: hostKey.label,
      ...idLabels(MEMO.sshKeys, ids('sshKeys')),
      ...(at === undefined || isOnly ? {} : { [MEMO.unfinished]: `${at.network}-${at.range.replace('/', '-')}` }),
    },
  };
}

function text(spec: Spec, field: string): string | undefined {
  const value = spec[field];
  return typeof value === 'string' ? value : undefined;
}

/** The subnet that it was made for and may not stand in yet; undefined when it is finished. */
function unfinished({ labels }: Server): string | undefined {
  return labels[MEMO.unfinished]?.replace(/-(\d+)$/, '/$1');
}

/** It stands where it was made to stand, and runs. */
function isThere(object: Server): boolean {
  const subnet = unfinished(object);
  const network = subnet === undefined ? undefined : splitSubnetId(subnet)?.network;
  return object.private_net.some(one => one.network === network) && object.status === 'running';
}

/** What has to be remembered on it now: that it is stopped on purpose, until it runs again as it was asked to. */
function memo(goal: Goal, object: Server): { readonly [key: string]: string | null } {
  const { size, isGroup } = changes(goal, object);
  const isDue = size !== undefined || isGroup;
  const isMarked = object.labels[MEMO.restart] !== undefined;
  return {
    ...(isThere(object) ? { [MEMO.unfinished]: null } : {}),
    ...(isDue && !isMarked && object.status === 'running' ? { [MEMO.restart]: size ?? 'group' } : {}),
    ...(!isDue && isMarked && object.status === 'running' ? { [MEMO.restart]: null } : {}),
  };
}

/** What still has to change while it is off: the size it must get, and whether its group is another one. */
function changes(goal: Goal, object: Server): { readonly size: string | undefined; readonly isGroup: boolean } {
  const marked = object.labels[MEMO.restart];
  const asked = goal.fields.includes('size') ? text(goal.spec, 'size') : marked === 'group' ? undefined : marked;
  const size = asked === object.server_type.name ? undefined : asked;
  const isGroup = goal.fields.includes('placementGroup') && groupOf(goal) !== (object.placement_group?.id ?? null);
  return { size, isGroup };
}

function groupOf(goal: Goal): number | null {
  const group = goal.spec['placementGroup'];
  return group === undefined || group === null ? null : refId(group, `${goal.verb} server`);
}

/** Firewalls, then the network, then what needs it switched off, and at last the power. */
async function next(ctx: CallContext, account: Account, object: Server, goal: Goal): Promise<Move> {
  const asks = (field: string): boolean => goal.fields.includes(field);
  const at = { account, object, what: `${goal.verb} server` };
  const move =
    (asks('firewalls') ? firewallMove(at, goal) : null) ??
    (await subnetMove(
      ctx,
      at,
      unfinished(object) ?? (asks('subnet') ? (text(goal.spec, 'subnet') ?? null) : undefined),
    )) ??
    stoppedMove(ctx, at, goal);
  if (move !== null) return move;
  const runs = goal.isRunning || object.labels[MEMO.restart] !== undefined || unfinished(object) !== undefined;
  return runs && object.status === 'off' ? action(at, 'poweron') : null;
}

interface At {
  readonly account: Account;
  readonly object: Server;
  readonly what: string;
}

function action({ account, object, what }: At, name: string, body: object = {}): Move {
  const path = `/servers/${object.id}/actions/${name}`;
  return step(account, { method: 'POST', path, body, what });
}

function firewallMove({ account, object, what }: At, goal: Goal): Move {
  const wanted = ((goal.spec['firewalls'] ?? []) as string[]).map(id => refId(id, what));
  const present = object.public_net.firewalls.map(({ id }) => id);
  const apply = (id: number, verb: 'apply_to_resources' | 'remove_from_resources'): Move => {
    const resource = { type: 'server', server: { id: object.id } };
    const body = verb === 'apply_to_resources' ? { apply_to: [resource] } : { remove_from: [resource] };
    return step(account, { method: 'POST', path: `/firewalls/${id}/actions/${verb}`, body, what });
  };
  const missing = wanted.find(id => !present.includes(id));
  if (missing !== undefined) return apply(missing, 'apply_to_resources');
  const extra = present.find(id => !wanted.includes(id));
  return extra === undefined ? null : apply(extra, 'remove_from_resources');
}

/** `null`: in no network at all; undefined: nobody asked. */
async function subnetMove(ctx: CallContext, at: At, wanted: string | null | undefined): Promise<Move> {
  if (wanted === undefined) return null;
  const [present] = at.object.private_net;
  const now = await subnetAt(ctx, at.account, present);
  const target = wanted === null ? undefined : splitSubnetId(wanted);
  if (wanted !== null && target === undefined) refId(wanted, at.what);
  if (present !== undefined && (target === undefined || target.network !== present.network || target.range !== now)) {
    return action(at, 'detach_from_network', { network: present.network });
  }
  if (target === undefined || present !== undefined) return null;
  return action(at, 'attach_to_network', { network: target.network, ip_range: target.range });
}

/** Size and placement group can only change while it is off. */
function stoppedMove(ctx: CallContext, at: At, goal: Goal): Move {
  const { object } = at;
  const { size, isGroup } = changes(goal, object);
  if (size === undefined && !isGroup) return null;
  if (object.status === 'running') return stopMove(ctx, at, goal);
  if (object.status !== 'off') return 'wait';
  if (size !== undefined) return action(at, 'change_type', { server_type: size, upgrade_disk: false });
  if (object.placement_group != null) return action(at, 'remove_from_placement_group');
  return action(at, 'add_to_placement_group', { placement_group: groupOf(goal) });
}

/** Time in milliseconds in which a machine may shut down by itself. */
const SOFT_MS = 60_000;

/** The action of a shutdown ends when the machine was told. One that does not listen is switched off. */
function stopMove(ctx: CallContext, { account, object, what }: At, goal: Goal): Move {
  const now = ctx.world.clock.now();
  if (goal.hardAfter !== undefined && now < goal.hardAfter) return 'wait';
  const name = goal.hardAfter === undefined ? 'shutdown' : 'poweroff';
  const path = `/servers/${object.id}/actions/${name}`;
  return step(account, { method: 'POST', path, body: {}, what }, { hardAfter: now + SOFT_MS });
}
