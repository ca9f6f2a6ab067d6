import { sameJson } from '../../schemas/json.ts';
import { ownerOf } from '../../schemas/owner.ts';
import type { CallContext, Observed } from '../../schemas/provider.ts';
import { HOST_KEY_LABEL, hostKeyOf } from '../transport/host-key.ts';
import { type Labels, PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { textOf, textsOf } from './fields.ts';
import type { Goal } from './goal.ts';
import type { Move, Sight, Step, UpcloudKind } from './kind.ts';
import { idLabels, idsIn, labelMap, labelPairs, MEMO, wantedLabels, wantedName } from './labels.ts';
import { lookUp } from './look.ts';
import { cycled, debtFor, debtOf, poweredDown, POWER_POLL_MS, serverDetail, startOf } from './power.ts';
import {
  type FirewallRule,
  RulesReply,
  type ServerDetail,
  ServerReply,
  type ServerSummary,
  StorageReply,
} from './replies.ts';
import { rulesDigest } from './rules.ts';
import { createServer } from './server-create.ts';

const PHASES: { readonly [state: string]: Observed['phase'] } = {
  started: 'ready',
  stopped: 'ready',
  error: 'failed',
};

/** A server with what stands elsewhere in the lists. */
export interface ServerParts {
  readonly server: ServerSummary;
  readonly subnet: string | undefined;
  readonly publicIp: string | undefined;
  readonly privateIp: string | undefined;
  /** Digest of the rules that are really on it; undefined when they were not asked for. */
  readonly rules: string | undefined;
}

export function serverSeen({ server, subnet, publicIp, privateIp, rules }: ServerParts): Observed {
  const labels = labelMap(server.labels.label);
  const image = labels[MEMO.image];
  const group = server.server_group ?? undefined;
  // Rules that are not the ones we put there are no firewall of ours any more.
  const isOurs = rules !== undefined && rules === labels[MEMO.rules];
  return {
    kind: 'server',
    id: server.uuid,
    name: server.title,
    spec: {
      size: server.plan,
      ...(image === undefined ? {} : { image, sshKeys: idsIn(labels, MEMO.sshKeys, 'ssh-key') }),
      zone: server.zone,
      ...(subnet === undefined ? {} : { subnet }),
      firewalls: isOurs ? idsIn(labels, MEMO.firewalls, 'firewall') : [],
      ...(group === undefined ? {} : { placementGroup: group }),
      publicIp: publicIp !== undefined,
      labels: withoutOwner(labels),
    },
    outputs: {
      id: server.uuid,
      publicIp: publicIp ?? null,
      privateIp: privateIp ?? null,
      hostKey: hostKeyOf(labels[HOST_KEY_LABEL]) ?? null,
      loginUser: labels[MEMO.loginUser] ?? null,
    },
    owner: ownerOf(labels),
    // A server that we stopped and have not started yet is on its way.
    phase:
      server.state === 'stopped' && labels[MEMO.restart] !== undefined
        ? 'pending'
        : (PHASES[server.state] ?? 'pending'),
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: server.created * 1_000,
    attached: false,
  };
}

/** The same from a server by itself. */
export function partsOf(server: ServerDetail, rules: string | undefined): ServerParts {
  const nics = server.networking.interfaces.interface;
  const inner = nics.filter(nic => nic.type === 'private').sort((a, b) => (a.network < b.network ? -1 : 1))[0];
  const open = nics.filter(nic => nic.type === 'public').flatMap(nic => nic.ip_addresses.ip_address);
  return {
    server,
    subnet: inner?.network,
    publicIp: publicAddress(open),
    privateIp: inner?.ip_addresses.ip_address[0]?.address,
    rules,
  };
}

/** Of several public addresses the one to reach a server by: its own, and rather IPv4. */
export function publicAddress(
  addresses: readonly { readonly address: string; readonly family: string; readonly floating?: string | undefined }[],
): string | undefined {
  const own = addresses.filter(one => one.floating !== 'yes');
  return (own.find(one => one.family === 'IPv4') ?? own[0])?.address;
}

export async function readRules(
  ctx: CallContext,
  account: Account,
  id: string,
): Promise<readonly FirewallRule[] | null> {
  const request = { what: 'read firewall rules', path: `/server/${id}/firewall_rule`, reply: RulesReply };
  const found = await lookUp(ctx, account, request);
  return found === null ? null : found.firewall_rules.firewall_rule;
}

async function sightOf(ctx: CallContext, account: Account, server: ServerDetail): Promise<Sight> {
  const labels = labelMap(server.labels.label);
  const rules = labels[MEMO.rules] === undefined ? null : await readRules(ctx, account, server.uuid);
  // A firewall that is switched off does not do what its rules say.
  const inForce = rules === null ? undefined : server.firewall === 'on' ? rulesDigest(rules) : 'off';
  const parts = partsOf(server, inForce);
  return {
    observed: serverSeen(parts),
    labels,
    isBusy: server.state !== 'started' && server.state !== 'stopped' && server.state !== 'error',
    async toward(call, goal) {
      if (server.state !== 'started' && server.state !== 'stopped') return 'wait';
      const ruled = await rulesMove(call, account, server, goal);
      return ruled ?? labelsMove(parts, server, goal) ?? sizeMove(call, server, goal);
    },
    ...(server.state === 'stopped' ? owed(server) : {}),
    away: (call, goal) => awayMove(call, account, server, goal),
  };
}

async function rulesMove(ctx: CallContext, account: Account, server: ServerDetail, goal: Goal): Promise<Move> {
  if (goal.rules === undefined) return null;
  const known = server.labels.label.some(label => label.key === MEMO.rules);
  if (goal.rules.length === 0 && !known && server.firewall === 'off') return null;
  const now = (await readRules(ctx, account, server.uuid)) ?? [];
  if (rulesDigest(now) === rulesDigest(goal.rules)) return null;
  const body = { firewall_rules: { firewall_rule: goal.rules.map(given) } };
  return { method: 'PUT', path: `/server/${server.uuid}/firewall_rule`, body, reply: null };
}

/** A rule without the fields that are not set. */
function given(rule: FirewallRule): object {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== ''));
}

/** What is remembered of the firewalls on their server. */
export function rulesMemo(goal: Pick<Goal, 'rules' | 'spec'>): { readonly [key: string]: string | null } {
  if (goal.rules === undefined) return {};
  const ids = textsOf(goal.spec, 'firewalls');
  return {
    ...idLabels(MEMO.firewalls, 'firewall', ids),
    [MEMO.rules]: ids.length === 0 ? null : rulesDigest(goal.rules),
  };
}

function labelsMove(parts: ServerParts, server: ServerDetail, goal: Goal): Move {
  const labels = labelMap(server.labels.label);
  const title = wantedName({ name: server.title, labels }, goal);
  const memo: Labels = parts.privateIp === undefined ? {} : { [MEMO.privateIp]: parts.privateIp };
  const wanted = wantedLabels(labels, goal, { ...memo, ...rulesMemo(goal) });
  const firewall = goal.rules === undefined ? server.firewall : goal.rules.length > 0 ? 'on' : 'off';
  const isSame = title === server.title && firewall === server.firewall && sameJson(wanted, labels);
  if (isSame) return null;
  const body = { server: { title, firewall, labels: { label: labelPairs(wanted) } } };
  return { method: 'PUT', path: `/server/${server.uuid}`, body, reply: ServerReply };
}

/** A server is stopped for the sake of its own size. */
const RESIZE = 'size';

function sizeMove(ctx: CallContext, server: ServerDetail, goal: Goal): Move {
  // UpCloud starts what it makes.
  if (goal.verb === 'create') return server.state === 'stopped' ? startOf(server) : null;
  const size = textOf(goal.spec, 'size');
  const differs = goal.fields.includes('size') && size !== undefined && size !== server.plan;
  const debt = { by: RESIZE, to: size ?? server.plan };
  return cycled(ctx, server, { goal, debt, work: differs ? resized(server, size) : null });
}

function resized(server: ServerDetail, plan: string): Step {
  return { method: 'PUT', path: `/server/${server.uuid}`, body: { server: { plan } }, reply: ServerReply };
}

/** The next request that ends what we began with a server that we stopped. */
function owed(server: ServerDetail): { readonly owed?: Step } {
  const plan = debtFor(server, RESIZE)?.to;
  if (plan !== undefined && plan !== server.plan) return { owed: resized(server, plan) };
  return debtOf(server) === undefined ? {} : { owed: startOf(server) };
}

/**
 * Stops it, lets go of every disk that is not its own, and deletes it with the one that is. What UpCloud would delete
 * together with a server is every disk that is in it: a volume must be out before.
 */
async function awayMove(ctx: CallContext, account: Account, server: ServerDetail, goal: Goal): Promise<Move> {
  if (server.state !== 'stopped' && server.state !== 'error') return poweredDown(ctx, server, goal);
  const disks = server.storage_devices.storage_device.filter(device => device.type === 'disk');
  const own = disks.find(disk => disk.address === 'virtio:0') ?? disks[0];
  const foreign = disks.find(disk => disk !== own) ?? ((await isVolume(ctx, account, own?.storage)) ? own : undefined);
  if (foreign !== undefined) {
    const body = { storage_device: { address: foreign.address } };
    return { method: 'POST', path: `/server/${server.uuid}/storage/detach`, body, reply: ServerReply };
  }
  const query = own === undefined ? '' : '?storages=1';
  return { method: 'DELETE', path: `/server/${server.uuid}${query}`, reply: null };
}

/** Somebody owns the disk for itself: it is not just where a server boots from. */
async function isVolume(ctx: CallContext, account: Account, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const found = await lookUp(ctx, account, { what: 'read disk', path: `/storage/${id}`, reply: StorageReply });
  if (found === null) return false;
  const labels = labelMap(found.storage.labels);
  return ownerOf(labels) !== null || labels[PROTECTED_LABEL] === 'true';
}

export const server: UpcloudKind = {
  pollMs: POWER_POLL_MS,
  async look(ctx, account, id) {
    const found = await serverDetail(ctx, account, id);
    return found === null ? null : sightOf(ctx, account, found);
  },
  async create(ctx, account, request) {
    const body = await createServer(ctx, account, request);
    const { server: made } = await ask(ctx, account.client, {
      what: 'create server',
      method: 'POST',
      path: '/server',
      body,
      accepted: 'create.accepted',
      reply: ServerReply,
    });
    return sightOf(ctx, account, made);
  },
};
