import { createHash } from 'node:crypto';
import { canonical, type JsonObject, sameJson } from '../../schemas/json.ts';
import { readyState, remove, startAction, withOutputs } from './actions.ts';
import { checkChange, checkCreate, checkDeletable, checkRefs, checkRoom, checkStock, checked } from './checks.ts';
import { rulesOf, rulesOfPath } from './kinds.ts';
import { type CloudObject, type CloudRequest, Refusal } from './model.ts';
import { type Route, bodyOf } from './route.ts';
import { PROFILES, type ProfileName, type Settings, spanMs } from './settings.ts';
import type { Store } from './store.ts';
import { shown } from './views.ts';

/** How a fault bends what a request does. */
export interface Bends {
  readonly actionFails?: string;
  readonly actionStuck?: true;
  readonly hideMs?: number;
  readonly keepListedMs?: number;
  readonly half?: true;
}

export interface Call {
  readonly request: CloudRequest;
  readonly route: Route;
  readonly nowMs: number;
  readonly profile: ProfileName;
  readonly settings: Settings;
  readonly configure: (settings: Settings) => void;
  readonly store: Store;
  readonly random: () => number;
  readonly bends: Bends;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly effect: string;
  readonly id: string | null;
  readonly kind?: string;
}

export function createObject(call: Call): Answer {
  const { store, route, settings, profile } = call;
  const rules = rulesOfPath(route.kind ?? '');
  const body = bodyOf(call.request) as JsonObject;
  const digest = createHash('sha256').update(canonical(body)).digest('hex');
  const token = PROFILES[profile].tokens ? (call.request.headers['idempotency-key'] ?? null) : null;
  const former = token === null ? undefined : store.token(token);
  if (former !== undefined) return repeated(call, former.object, former.digest === digest);
  const { common, fields } = checkCreate(rules, body);
  const kind = route.kind === 'taskserv' ? `taskserv.${String(fields['type'])}` : (route.kind ?? '');
  if (PROFILES[profile].uniqueNames && store.named(kind, common.name).length > 0) {
    throw new Refusal(409, 'uniqueness_error', `there is a ${kind} of this name`, {
      id: store.named(kind, common.name)[0]?.id ?? null,
    });
  }
  checkRefs(store, rules, fields);
  checkRoom(store, settings, kind, fields);
  shiftStock(call, kind, { from: null, to: fields['size'] });
  const seq = store.nextSeq();
  const object = withOutputs(store, {
    id: `${rules.prefix}-${seq}`,
    seq,
    kind,
    name: common.name,
    labels: common.labels,
    fields: call.bends.half === undefined ? fields : halved(fields),
    outputs: {},
    state: readyState(kind),
    protection: common.protection,
    createdAt: call.nowMs,
    hiddenUntil: call.nowMs + (call.bends.hideMs ?? 0),
    action: null,
  });
  store.put(object);
  if (token !== null) store.putToken({ token, object: object.id, digest });
  const done = { effect: `created ${object.id}`, id: object.id, kind };
  if (call.bends.half !== undefined) {
    store.put({ ...object, state: 'failed' });
    return { ...done, ...partly(object.id) };
  }
  const action = began(call, object, 'create', {});
  const current = store.objects.get(object.id) ?? object;
  return { ...done, status: 201, body: { object: shown(store, current), action } };
}

/** Only the scalar fields: what a cloud has done when the steps after the first one failed. */
function halved(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Array.isArray(value) ? [] : value]));
}

function partly(id: string): { status: number; body: JsonObject } {
  const message = 'only a part of it was done';
  return { status: 422, body: { error: { code: 'partially_done', message, id } } };
}

function repeated(call: Call, id: string, same: boolean): Answer {
  const object = call.store.objects.get(id);
  if (!same) throw new Refusal(400, 'idempotent_parameter_mismatch', 'the token was used with other parameters');
  if (object === undefined) throw new Refusal(409, 'token_spent', `the token made ${id}, which was deleted`, { id });
  const action = object.action === null ? null : { id: object.action, status: 'running' };
  return { status: 200, body: { object: shown(call.store, object), action }, effect: 'none', id, kind: object.kind };
}

/** Starts the action of an asynchronous kind; null when it is over at once. */
function began(
  call: Call,
  object: CloudObject,
  command: 'create' | 'resize' | 'delete',
  fields: JsonObject,
): JsonObject | null {
  if (rulesOf(object.kind)?.asynchronous !== true) return null;
  const { actionFails, actionStuck } = call.bends;
  const durationMs = actionStuck === true ? null : spanMs(call.settings.actionMs, call.random);
  if (durationMs === 0 && actionFails === undefined) return null;
  const action = startAction(call.store, object, {
    command,
    nowMs: call.nowMs,
    durationMs,
    fields,
    fails: actionFails ?? null,
    listedMs: call.bends.keepListedMs ?? 0,
  });
  return { id: action.id, status: 'running' };
}

/** The addressed object. Writes see the truth, whatever the read lag. */
function target(call: Call): CloudObject {
  const object = call.store.objects.get(call.route.id ?? '');
  const kind = call.route.kind === 'taskserv' ? object?.kind.startsWith('taskserv.') : object?.kind === call.route.kind;
  if (object === undefined || kind !== true) throw new Refusal(404, 'not_found', 'there is no such object');
  for (const condition of call.route.query.getAll('if_label')) {
    const at = condition.indexOf('=');
    if (object.labels[condition.slice(0, at)] !== condition.slice(at + 1)) {
      throw new Refusal(412, 'label_mismatch', `${object.id} does not carry the label that was named as a condition`);
    }
  }
  return object;
}

export function changeObject(call: Call): Answer {
  const { store } = call;
  const object = target(call);
  const rules = rulesOfPath(call.route.kind ?? '');
  const { common, fields } = checkChange(rules, bodyOf(call.request) as JsonObject);
  const names = Object.keys(fields).filter(field => fields[field] !== undefined);
  if (object.action !== null && names.length > 0) throw locked(object);
  const twin =
    common.name === undefined ? undefined : store.named(object.kind, common.name).find(other => other.id !== object.id);
  if (twin !== undefined && PROFILES[call.profile].uniqueNames) {
    throw new Refusal(409, 'uniqueness_error', `there is a ${object.kind} of this name`, { id: twin.id });
  }
  checkRefs(store, rules, fields);
  const half = call.bends.half !== undefined;
  const taken = half ? names.slice(0, Math.floor(names.length / 2)) : names;
  const set = Object.fromEntries(taken.map(field => [field, fields[field] ?? rules.empty[field] ?? null]));
  const changed = withOutputs(store, { ...object, ...(half ? {} : common), fields: { ...object.fields, ...set } });
  const effect = sameJson(changed, object) ? 'none' : `changed ${object.id}`;
  if (effect !== 'none') store.put(changed);
  const done = { effect, id: object.id, kind: object.kind };
  if (half) return { ...done, ...partly(object.id) };
  return { ...done, status: 200, body: { object: shown(store, changed), action: null } };
}

export function resizeObject(call: Call): Answer {
  const { store } = call;
  const object = target(call);
  const rules = rulesOfPath(call.route.kind ?? '');
  if (rules.resize === undefined) throw new Refusal(405, 'unsupported', `a ${object.kind} has no size`);
  const fields = checked(rules.resize, bodyOf(call.request));
  if (object.action !== null) throw locked(object);
  const from = Number(object.fields['size_gib'] ?? 0);
  if (Number(fields['size_gib'] ?? 0) < from)
    throw new Refusal(422, 'invalid_input', 'a volume cannot shrink', { field: 'size_gib' });
  const done = { id: object.id, kind: object.kind, status: 200 };
  if (Object.keys(fields).every(field => fields[field] === object.fields[field])) {
    return { ...done, effect: 'none', body: { object: shown(store, object), action: null } };
  }
  checkStock(call.settings, object.kind, fields);
  if (call.bends.half !== undefined) {
    return { ...done, ...partly(object.id), effect: 'none' };
  }
  shiftStock(call, object.kind, { from: object.fields['size'], to: fields['size'] });
  const action = began(call, object, 'resize', fields);
  if (action === null) store.put(withOutputs(store, { ...object, fields: { ...object.fields, ...fields } }));
  const current = store.objects.get(object.id) ?? object;
  const effect = action === null ? `changed ${object.id}` : `began resize ${object.id}`;
  return { ...done, effect, body: { object: shown(store, current), action } };
}

export function deleteObject(call: Call): Answer {
  const { store } = call;
  const object = target(call);
  checkDeletable(store, object.id, { detach: call.route.query.get('detach') === 'true' });
  const done = { id: object.id, kind: object.kind };
  if (call.bends.half !== undefined) {
    store.put({ ...object, state: 'deleting' });
    return { ...done, ...partly(object.id), effect: `changed ${object.id}` };
  }
  if (object.action !== null) cancel(call, object.action);
  if (object.state !== 'deleting') shiftStock(call, object.kind, { from: object.fields['size'], to: null });
  const action = began(call, object, 'delete', {});
  if (action !== null) return { ...done, status: 200, body: { action }, effect: `began delete ${object.id}` };
  const removed = remove(
    store,
    { ...object, action: null },
    { nowMs: call.nowMs, listedMs: call.bends.keepListedMs ?? 0 },
  );
  return { ...done, status: 200, body: { action: null }, effect: removed.map(id => `deleted ${id}`).join(', ') };
}

/** Takes a server of one size from the stock and puts one of another size back; sizes without a stock never run out. */
function shiftStock(call: Call, kind: string, sizes: { readonly from: unknown; readonly to: unknown }): void {
  if (kind !== 'server' || sizes.from === sizes.to) return;
  const stock = { ...call.settings.stock };
  if (typeof sizes.from === 'string' && stock[sizes.from] !== undefined)
    stock[sizes.from] = (stock[sizes.from] ?? 0) + 1;
  if (typeof sizes.to === 'string' && stock[sizes.to] !== undefined)
    stock[sizes.to] = Math.max(0, (stock[sizes.to] ?? 0) - 1);
  if (!sameJson(stock, call.settings.stock)) call.configure({ ...call.settings, stock });
}

/** A delete goes before whatever runs on the object, so that what is stuck can be got rid of. */
function cancel(call: Call, id: string): void {
  const action = call.store.actions.get(id);
  if (action !== undefined)
    call.store.putAction({ ...action, status: 'error', fails: 'cancelled', endsAt: call.nowMs });
}

function locked(object: CloudObject): Refusal {
  return new Refusal(423, 'locked', `${object.action ?? 'an action'} runs on ${object.id}`);
}
