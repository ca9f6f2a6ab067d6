import type { JsonObject } from '../../schemas/json.ts';
import { rulesOf } from './kinds.ts';
import type { CloudAction, CloudObject, Command, Grave } from './model.ts';
import type { Store } from './store.ts';

/** No read lag is longer than this; then a deleted object can be forgotten. */
const LONGEST_LAG_MS = 600_000;

/** Starts an action on an object. It ends at `nowMs + durationMs`, never when that is null, with an error when `fails` is set. */
export function startAction(
  store: Store,
  object: CloudObject,
  action: {
    readonly command: Command;
    readonly nowMs: number;
    readonly durationMs: number | null;
    readonly fields: JsonObject;
    readonly fails: string | null;
    /** Milliseconds for which listings still show what a delete removed. */
    readonly listedMs: number;
  },
): CloudAction {
  const started: CloudAction = {
    id: store.nextAction(),
    command: action.command,
    object: object.id,
    kind: object.kind,
    status: 'running',
    startedAt: action.nowMs,
    endsAt: action.durationMs === null ? null : action.nowMs + action.durationMs,
    fields: action.fields,
    fails: action.fails,
    listedMs: action.listedMs,
  };
  store.putAction(started);
  const state = { create: 'creating', resize: 'resizing', delete: 'deleting' }[action.command];
  store.put({ ...object, state, action: started.id });
  return started;
}

/** Ends every action whose time has come. Called before each request, so that time passes without a timer. */
export function settle(store: Store, nowMs: number): readonly string[] {
  const effects: string[] = [];
  for (const id of store.running) {
    const action = store.actions.get(id);
    if (action?.endsAt == null || action.endsAt > nowMs) continue;
    effects.push(endAction(store, action, nowMs));
  }
  for (const grave of store.graves.values()) {
    if (Math.max(grave.deletedAt + LONGEST_LAG_MS, grave.listedUntil) > nowMs) break;
    store.forget(grave.object.id);
  }
  return effects;
}

/** Somebody of the cloud looks after what never ends: it ends with the next request. */
export function release(store: Store, nowMs: number): void {
  for (const action of store.actions.values())
    if (action.status === 'running' && action.endsAt === null) store.putAction({ ...action, endsAt: nowMs });
}

function endAction(store: Store, action: CloudAction, nowMs: number): string {
  store.putAction({ ...action, status: action.fails === null ? 'success' : 'error' });
  const object = store.objects.get(action.object);
  if (object === undefined) return `ended ${action.id}`;
  if (action.fails !== null) {
    store.put({ ...object, state: action.command === 'create' ? 'failed' : readyState(object.kind), action: null });
    return `failed ${action.command} ${object.id}`;
  }
  if (action.command === 'delete') {
    const removed = remove(store, { ...object, action: null }, { nowMs, listedMs: action.listedMs });
    return removed.map(id => `deleted ${id}`).join(', ');
  }
  store.put(
    withOutputs(store, {
      ...object,
      fields: { ...object.fields, ...action.fields },
      state: readyState(object.kind),
      action: null,
    }),
  );
  return `${action.command === 'create' ? 'finished' : 'changed'} ${object.id}`;
}

export function readyState(kind: string): string {
  return rulesOf(kind)?.ready ?? 'available';
}

/** The object with the outputs that follow from its fields. */
export function withOutputs(store: Store, object: CloudObject): CloudObject {
  const other = (id: string): JsonObject | undefined => {
    const found = store.objects.get(id);
    return found === undefined ? undefined : { ...found.fields, ...found.outputs };
  };
  const outputs = rulesOf(object.kind)?.outputs(object.id, object.seq, object.fields, other) ?? {};
  return { ...object, outputs };
}

/**
 * Takes an object out of the world. What was attached to it is let go; what only lives on it goes with it.
 * Returns everything that was removed.
 */
export function remove(
  store: Store,
  object: CloudObject,
  at: { readonly nowMs: number; readonly listedMs: number },
): readonly string[] {
  const removed = [object.id];
  for (const user of store.usersOf(object.id)) {
    if (rulesOf(user.kind)?.dependsOn !== undefined) removed.push(...remove(store, user, at));
    else store.put(withOutputs(store, withoutRef(user, object.id)));
  }
  const grave: Grave = { object, deletedAt: at.nowMs, listedUntil: at.nowMs + at.listedMs };
  store.bury(grave);
  return removed;
}

function withoutRef(user: CloudObject, id: string): CloudObject {
  const fields: { [field: string]: JsonObject[string] } = { ...user.fields };
  for (const field of Object.keys(rulesOf(user.kind)?.refs ?? {})) {
    const value = fields[field];
    if (value === id) fields[field] = null;
    else if (Array.isArray(value)) fields[field] = (value as string[]).filter(item => item !== id);
  }
  return { ...user, fields };
}
