import { sameJson } from '../../schemas/json.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { CallContext, Observed } from '../../schemas/provider.ts';
import { assertOffered } from '../transport/fault.ts';
import { PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { type Account, zoneFor } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { textOf } from './fields.ts';
import type { Goal } from './goal.ts';
import type { Move, Sight, Step, UpcloudKind } from './kind.ts';
import { labelMap, labelPairs, newLabels, wantedLabels, wantedName } from './labels.ts';
import { about, lookUp } from './look.ts';
import { cycled, type Debt, debtFor, POWER_POLL_MS, serverDetail, startOf } from './power.ts';
import { type ServerDetail, ServerReply, type StorageDetail, StorageReply } from './replies.ts';
import { REFUSALS } from './refusals.ts';

const TIERS: { readonly [type: string]: string } = { ssd: 'maxiops', hdd: 'hdd' };

const PHASES: { readonly [state: string]: Observed['phase'] } = { online: 'ready', error: 'failed' };

/** `isOwed`: its server is still stopped for it. */
export function volumeSeen(storage: StorageDetail, isOwed: boolean): Observed {
  const labels = labelMap(storage.labels);
  const type = Object.keys(TIERS).find(one => TIERS[one] === storage.tier);
  const [server] = storage.servers.server;
  return {
    kind: 'volume',
    id: storage.uuid,
    name: storage.title,
    spec: {
      sizeGib: storage.size,
      ...(type === undefined ? {} : { type }),
      ...(storage.zone === undefined ? {} : { zone: storage.zone }),
      ...(server === undefined ? {} : { server }),
      labels: withoutOwner(labels),
    },
    outputs: { id: storage.uuid, device: server === undefined ? null : deviceOf(storage.uuid) },
    owner: ownerOf(labels),
    phase: isOwed ? 'pending' : (PHASES[storage.state] ?? 'pending'),
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: Date.parse(storage.created ?? '') || 0,
    attached: server !== undefined,
  };
}

/** The serial number that a disk shows to its server is the beginning of its id. */
function deviceOf(uuid: string): string {
  return `/dev/disk/by-id/virtio-${uuid.replaceAll('-', '').slice(0, 20)}`;
}

function sightOf(account: Account, storage: StorageDetail, server: ServerDetail | null): Sight {
  const debt = server === null ? undefined : debtFor(server, storage.uuid);
  const isBusy = PHASES[storage.state] === undefined;
  return {
    observed: volumeSeen(storage, debt !== undefined),
    labels: labelMap(storage.labels),
    isBusy,
    ...(debt !== undefined && server?.state === 'stopped' ? { owed: owedBy(storage, server, debt) } : {}),
    async toward(ctx, goal) {
      if (isBusy) return 'wait';
      const step = relabelled(storage, goal);
      if (step !== null) return step;
      const growth = grown(ctx, { storage, server }, goal);
      return (
        growth ?? (goal.fields.includes('server') ? moved(ctx, account, storage, textOf(goal.spec, 'server')) : null)
      );
    },
    away(ctx) {
      if (isBusy) return 'wait';
      const [holder] = storage.servers.server;
      if (holder !== undefined) return detached(ctx, account, storage, holder);
      return { method: 'DELETE', path: `/storage/${storage.uuid}`, reply: null };
    },
  };
}

function relabelled(storage: StorageDetail, goal: Goal): Step | null {
  const labels = labelMap(storage.labels);
  const title = wantedName({ name: storage.title, labels }, goal);
  const wanted = wantedLabels(labels, goal);
  if (title === storage.title && sameJson(wanted, labels)) return null;
  const body = { storage: { title, labels: labelPairs(wanted) } };
  return { method: 'PUT', path: `/storage/${storage.uuid}`, body, reply: StorageReply };
}

/** A disk grows while nothing runs on it: its server is stopped for it, and started again. */
function grown(
  ctx: CallContext,
  { storage, server }: { readonly storage: StorageDetail; readonly server: ServerDetail | null },
  goal: Goal,
): Move {
  if (!goal.fields.includes('sizeGib')) return null;
  const size = Number(goal.spec['sizeGib']);
  if (size < storage.size)
    throw fault('invalid-input', 'size_shrinks', 'resize volume', { why: 'a volume cannot shrink' });
  const work = storage.size < size ? resized(storage, size) : null;
  const debt = { by: storage.uuid, to: String(size) };
  return server === null ? work : cycled(ctx, server, { goal, debt, work });
}

function resized(storage: StorageDetail, size: number): Step {
  const body = { storage: { size: String(size) } };
  return { method: 'PUT', path: `/storage/${storage.uuid}`, body, reply: StorageReply };
}

/** The next request that ends what we began with a volume whose server we stopped. */
function owedBy(storage: StorageDetail, server: ServerDetail, debt: Debt): Step {
  return storage.size < Number(debt.to) ? resized(storage, Number(debt.to)) : startOf(server);
}

async function moved(
  ctx: CallContext,
  account: Account,
  storage: StorageDetail,
  wanted: string | undefined,
): Promise<Move> {
  const [holder] = storage.servers.server;
  if (holder === wanted) return null;
  if (holder !== undefined) return detached(ctx, account, storage, holder);
  const body = { storage_device: { type: 'disk', address: 'virtio', storage: storage.uuid } };
  return { method: 'POST', path: `/server/${wanted}/storage/attach`, body, reply: ServerReply };
}

async function detached(ctx: CallContext, account: Account, storage: StorageDetail, holder: string): Promise<Move> {
  const server = await serverDetail(ctx, account, holder);
  if (server === null || server.state === 'maintenance') return 'wait';
  const device = server.storage_devices.storage_device.find(one => one.storage === storage.uuid);
  if (device === undefined) return 'wait';
  const body = { storage_device: { address: device.address } };
  return { method: 'POST', path: `/server/${holder}/storage/detach`, body, reply: ServerReply };
}

export const volume: UpcloudKind = {
  pollMs: POWER_POLL_MS,
  async look(ctx, account, id) {
    const what = 'read volume';
    const found = await lookUp(ctx, account, { what, path: `/storage/${encodeURIComponent(id)}`, reply: StorageReply });
    if (found === null) return null;
    const storage = about(found.storage, found.storage.uuid === id, what);
    const [holder] = storage.servers.server;
    return sightOf(account, storage, holder === undefined ? null : await serverDetail(ctx, account, holder));
  },
  async create(ctx, account, request) {
    const what = 'create volume';
    const { spec } = request;
    assertOffered(REFUSALS.volume(spec), what);
    const { storage } = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: '/storage',
      body: {
        storage: {
          title: cloudName(request.owner),
          zone: zoneFor(account, spec, what),
          size: String(spec['sizeGib']),
          tier: TIERS[textOf(spec, 'type') ?? 'ssd'],
          labels: labelPairs(newLabels(request)),
        },
      },
      accepted: 'create.accepted',
      reply: StorageReply,
    });
    return sightOf(account, storage, null);
  },
};
