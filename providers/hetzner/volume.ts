import type { Goal } from '../course/goal.ts';
import type { Move } from '../course/sight.ts';
import { assertOffered } from '../transport/fault.ts';
import type { Account } from './account.ts';
import { type Definition, refId, step } from './kind.ts';
import { Volume } from './replies.ts';
import { REFUSALS } from './refusals.ts';

export const volume: Definition<Volume> = {
  kind: 'volume',
  collection: 'volumes',
  member: 'volume',
  reply: Volume,
  pollMs: 1_000,
  hasProtection: true,
  show: (_ctx, _account, object) => ({
    spec: {
      sizeGib: object.size,
      type: 'ssd',
      zone: object.location.name,
      ...(object.server === null ? {} : { server: String(object.server) }),
      format: object.format ?? 'none',
    },
    outputs: { device: object.linux_device },
    phase: object.status === 'available' ? 'ready' : 'pending',
    attached: object.server !== null,
    isBusy: object.status !== 'available',
  }),
  body(_ctx, _account, { spec }) {
    const what = 'create volume';
    assertOffered(REFUSALS.volume(spec), what);
    const format = spec['format'];
    return {
      body: {
        size: spec['sizeGib'],
        ...(format === undefined || format === 'none' ? {} : { format }),
        // A volume stands where its server stands; only without one it needs a place of its own.
        ...(spec['server'] === undefined
          ? { location: spec['zone'] }
          : { server: refId(spec['server'], what), automount: false }),
      },
    };
  },
  next: (_ctx, account, object, goal) => next(account, object, goal),
  release: (account, object) => (object.server === null ? null : detach(account, object, 'delete volume')),
};

function detach(account: Account, object: Volume, what: string): Move {
  return step(account, { method: 'POST', path: `/volumes/${object.id}/actions/detach`, body: {}, what });
}

function next(account: Account, object: Volume, goal: Goal): Move {
  const what = `${goal.verb} volume`;
  const size = goal.spec['sizeGib'];
  if (goal.fields.includes('sizeGib') && typeof size === 'number' && size > object.size) {
    return step(account, { method: 'POST', path: `/volumes/${object.id}/actions/resize`, body: { size }, what });
  }
  if (!goal.fields.includes('server')) return null;
  const server = goal.spec['server'];
  const wanted = server === undefined || server === null ? null : refId(server, what);
  if (wanted === object.server) return null;
  if (object.server !== null) return detach(account, object, what);
  const body = { server: wanted, automount: false };
  return step(account, { method: 'POST', path: `/volumes/${object.id}/actions/attach`, body, what });
}
