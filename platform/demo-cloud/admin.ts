import { isObject, type Json, type JsonObject } from '../../schemas/json.ts';
import { release, remove, withOutputs } from './actions.ts';
import { FaultRule, type FaultRuleInput, type FaultTable } from './faults.ts';
import { rulesOf } from './kinds.ts';
import { checkCreate, checked } from './checks.ts';
import { type CloudObject, type CloudRequest, type LedgerEntry, Refusal } from './model.ts';
import type { Answer } from './resources.ts';
import { type Route, bodyOf } from './route.ts';
import { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { shown } from './views.ts';

/** What the administrator of the cloud can reach: everything, without any of the rules that clients obey. */
export interface Back {
  readonly store: Store;
  readonly faults: FaultTable;
  readonly ledger: readonly LedgerEntry[];
  readonly nowMs: number;
  readonly settings: Settings;
  configure(settings: Settings): void;
}

/** Answers a request below `/admin/`: faults, the true objects, the ledger and the settings. */
export function administer(back: Back, request: CloudRequest, route: Route): Answer {
  const [what, id = null] = route.path.split('/').slice(2);
  const key = `${request.method} ${what ?? ''}`;
  switch (key) {
    case 'GET health':
      return plain({ ok: true, objects: back.store.objects.size, requests: back.ledger.length });
    case 'GET faults':
      return plain({ faults: back.faults.rules() as unknown as Json });
    case 'POST faults':
      return armFaults(back, request);
    case 'DELETE faults':
      back.faults.disarm(id);
      return plain({});
    case 'GET objects':
      return plain({ objects: [...back.store.objects.values()].map(object => shown(back.store, object)) });
    case 'POST objects':
      return createForeign(back, bodyOf(request) as JsonObject);
    case 'PATCH objects':
      return tamper(back, id, bodyOf(request) as JsonObject);
    case 'DELETE objects':
      return vanish(back, id);
    case 'DELETE actions':
      release(back.store, back.nowMs);
      return plain({});
    case 'GET ledger':
      return plain({ entries: back.ledger.slice(Number(route.query.get('from') ?? '0')) as unknown as Json });
    case 'GET settings':
      return plain({ settings: { ...back.settings, token: null } as unknown as Json });
    case 'PATCH settings':
      back.configure(checked(Settings, { ...back.settings, ...bodyOf(request) }));
      return plain({});
    default:
      throw new Refusal(404, 'not_found', 'there is no such administration call');
  }
}

function plain(body: JsonObject): Answer {
  return { status: 200, body, effect: 'none', id: null };
}

function armFaults(back: Back, request: CloudRequest): Answer {
  const body = bodyOf(request);
  const inputs = Array.isArray(body['faults']) ? body['faults'] : [body];
  const rules = inputs.map(input => checked(FaultRule, input) as FaultRuleInput);
  return plain({ ids: rules.map(rule => back.faults.arm(rule)) });
}

function createForeign(back: Back, body: JsonObject): Answer {
  const { kind, ...rest } = body;
  const rules = typeof kind === 'string' ? rulesOf(kind) : undefined;
  if (rules === undefined || typeof kind !== 'string')
    throw new Refusal(422, 'invalid_input', 'unknown kind', { field: 'kind' });
  const { common, fields } = checkCreate(rules, rest);
  const seq = back.store.nextSeq();
  const object: CloudObject = withOutputs(back.store, {
    ...common,
    id: `${rules.prefix}-${seq}`,
    seq,
    kind,
    fields,
    outputs: {},
    state: rules.ready,
    createdAt: back.nowMs,
    hiddenUntil: 0,
    action: null,
  });
  back.store.put(object);
  return { ...plain({ object: shown(back.store, object) }), effect: `created ${object.id}`, id: object.id, kind };
}

/** Changes an object behind the back of whoever owns it, in the name of `by`. `labels` and `fields` are merged; null removes a label. */
function tamper(back: Back, id: string | null, body: JsonObject): Answer {
  const object = back.store.objects.get(id ?? '');
  if (object === undefined) throw new Refusal(404, 'not_found', 'there is no such object');
  const { labels, fields, by, ...rest } = body;
  const merged = { ...object.labels, ...(isObject(labels) ? labels : {}) };
  const changed = withOutputs(back.store, {
    ...object,
    ...(rest as Partial<CloudObject>),
    changed: typeof by === 'string' ? { by, at: back.nowMs } : null,
    labels: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as CloudObject['labels'],
    fields: { ...object.fields, ...(isObject(fields) ? (fields as JsonObject) : {}) },
  });
  back.store.put(changed);
  return {
    ...plain({ object: shown(back.store, changed) }),
    effect: `changed ${object.id}`,
    id: object.id,
    kind: object.kind,
  };
}

function vanish(back: Back, id: string | null): Answer {
  const object = back.store.objects.get(id ?? '');
  if (object === undefined) throw new Refusal(404, 'not_found', 'there is no such object');
  const removed = remove(back.store, object, { nowMs: back.nowMs, listedMs: 0 });
  return { ...plain({}), effect: removed.map(gone => `deleted ${gone}`).join(', '), id: object.id, kind: object.kind };
}
