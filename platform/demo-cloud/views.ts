import type { Json, JsonObject } from '../../schemas/json.ts';
import { SECRET_FIELDS } from './kinds.ts';
import { type CloudObject, type Grave, Refusal } from './model.ts';
import type { Route } from './route.ts';
import { PROFILES, type ProfileName, type Settings } from './settings.ts';
import type { Store } from './store.ts';

/** An object as the API shows it. */
export function shown(store: Store, object: CloudObject): JsonObject {
  const fields = Object.fromEntries(Object.entries(object.fields).filter(([key]) => !SECRET_FIELDS.has(key)));
  return {
    id: object.id,
    kind: object.kind,
    name: object.name,
    labels: object.labels,
    state: object.state,
    protection: object.protection,
    created: new Date(object.createdAt).toISOString(),
    action: object.action,
    changed: object.changed == null ? null : { by: object.changed.by, at: new Date(object.changed.at).toISOString() },
    used_by: store.usersOf(object.id).map(user => user.id),
    fields,
    outputs: object.outputs,
  };
}

/** How late reads see a write. */
export interface Sight {
  readonly nowMs: number;
  readonly lagMs: number;
}

export function sightOf(settings: Settings, profile: ProfileName, nowMs: number): Sight {
  return { nowMs, lagMs: settings.readLagMs ?? PROFILES[profile].readLagMs };
}

function isVisible(object: CloudObject, sight: Sight): boolean {
  return sight.nowMs >= Math.max(object.createdAt + sight.lagMs, object.hiddenUntil);
}

/** A deleted object that reads still show. */
function haunts(grave: Grave, sight: Sight): boolean {
  return sight.nowMs < Math.max(grave.deletedAt + sight.lagMs, grave.listedUntil) && isVisible(grave.object, sight);
}

/** The object as a read sees it; undefined when it does not. */
export function readable(store: Store, id: string, sight: Sight): CloudObject | undefined {
  const living = store.objects.get(id);
  if (living !== undefined) return isVisible(living, sight) ? living : undefined;
  const grave = store.graves.get(id);
  return grave !== undefined && haunts(grave, sight) ? grave.object : undefined;
}

/**
 * One page of a listing: objects after a position, where the next page begins, the number of all that match, and a
 * version that is another one as soon as other objects match.
 */
export function listObjects(store: Store, route: Route, sight: Sight, pageSize: number): JsonObject {
  const { query } = route;
  const after = Number(query.get('after') ?? '0');
  if (!Number.isSafeInteger(after))
    throw new Refusal(400, 'invalid_input', 'after is not a position', { field: 'after' });
  const matching = matches(store, route, sight);
  const rest = after === 0 ? matching : matching.filter(object => object.seq > after);
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    objects: page.map(object => shown(store, object)),
    meta: {
      total: matching.length,
      version: versionOf(matching),
      next: rest.length > page.length && last !== undefined ? String(last.seq) : null,
    },
  };
}

function versionOf(matching: readonly CloudObject[]): string {
  let sum = 0;
  for (const object of matching) sum = (sum * 31 + object.seq) % 4_294_967_291;
  return `${matching.length}-${sum}`;
}

function matches(store: Store, route: Route, sight: Sight): readonly CloudObject[] {
  const { query } = route;
  const labels = query.getAll('label');
  const wanted = filterOf(store, query, route.kind);
  const living = candidates(store, query, labels).filter(object => wanted(object) && isVisible(object, sight));
  const dead = [...store.graves.values()].filter(
    grave => haunts(grave, sight) && wanted(grave.object) && hasLabels(grave.object, labels),
  );
  if (dead.length === 0) return living;
  return [...living, ...dead.map(grave => grave.object)].sort((a, b) => a.seq - b.seq);
}

/** The living objects that can match, by the narrowest index there is. */
function candidates(store: Store, query: URLSearchParams, labels: readonly string[]): readonly CloudObject[] {
  const ids = query.get('ids');
  if (ids !== null) {
    const found = ids.split(',').flatMap(id => store.objects.get(id) ?? []);
    return found.filter(object => hasLabels(object, labels)).sort((a, b) => a.seq - b.seq);
  }
  const token = query.get('token');
  const name = query.get('name');
  const kind = query.get('kind');
  if (token !== null)
    return [store.objects.get(store.token(token)?.object ?? '') ?? []]
      .flat()
      .filter(object => hasLabels(object, labels));
  if (name !== null && kind !== null) return store.named(kind, name).filter(object => hasLabels(object, labels));
  return store.labelled(labels);
}

function filterOf(store: Store, query: URLSearchParams, kind: string | null): (object: CloudObject) => boolean {
  const name = query.get('name');
  const ids = query.get('ids')?.split(',') ?? null;
  const token = query.get('token');
  const holder = token === null ? undefined : (store.token(token)?.object ?? '');
  return object =>
    (kind === null || object.kind === kind || (kind === 'taskserv' && object.kind.startsWith('taskserv.'))) &&
    (name === null || object.name === name) &&
    (holder === undefined || object.id === holder) &&
    (ids === null || ids.includes(object.id));
}

function hasLabels(object: CloudObject, labels: readonly string[]): boolean {
  return labels.every(label => {
    const at = label.indexOf('=');
    return at < 0 ? label in object.labels : object.labels[label.slice(0, at)] === label.slice(at + 1);
  });
}

/** The actions of a poll, each with its object as it is now: finished work needs no further call. */
export function listActions(store: Store, route: Route, half: boolean): JsonObject {
  const ids = [...new Set((route.query.get('ids') ?? '').split(',').filter(id => id !== ''))];
  if (ids.length > 100) throw new Refusal(400, 'invalid_input', 'at most 100 actions in one request', { field: 'ids' });
  const asked = half ? ids.slice(0, Math.floor(ids.length / 2)) : ids;
  const found = asked.flatMap(id => store.actions.get(id) ?? []);
  return {
    actions: found.map((action): Json => {
      const object = store.objects.get(action.object);
      return {
        id: action.id,
        command: action.command,
        status: action.status,
        error:
          action.status === 'error' ? { code: action.fails ?? 'action_failed', message: 'the action failed' } : null,
        object_id: action.object,
        object: object === undefined ? null : shown(store, object),
      };
    }),
  };
}
