import { ownPart, sameValue } from '../planner/values.ts';
import type { Intent } from '../schemas/checkpoint.ts';
import { kindNamed } from '../schemas/kinds/index.ts';
import type { Change } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';

/** What a look-up found about an intent whose outcome is not known. */
export interface Sighting {
  /** Objects that carry the intent's operation, or have its name. For update and delete: the object itself, if it exists. */
  readonly found: readonly Observed[];
}

export interface Unsettled {
  readonly intent: Intent;
  readonly change: Change;
  /** Resolved spec that the change asks for; null for a delete. */
  readonly after: Spec | null;
  /** Wall time in ms at which the call was sent last; undefined when it certainly was not sent; null when nobody knows. */
  readonly sentAt: number | undefined | null;
  readonly nowMs: number;
  readonly visibleAfterMs: number;
}

/** The only ways to go on with an intent. */
export type Decision =
  | { readonly do: 'record'; readonly object: Observed }
  | { readonly do: 'record-gone' }
  /** Send it, with the same operation id as before. */
  | { readonly do: 'call' }
  | { readonly do: 'await'; readonly object: Observed }
  | { readonly do: 'look-again'; readonly atMs: number }
  /** Nobody knows when it was sent: the grace period starts now and is written down, so that it ends. */
  | { readonly do: 'start-grace' }
  | { readonly do: 'remove-surplus'; readonly keep: Observed; readonly surplus: readonly Observed[] }
  | { readonly do: 'stop'; readonly id: string; readonly what: string; readonly fix: string };

/** The recovery table. Pure: each row is a test. */
export function settle(unsettled: Unsettled, sighting: Sighting): Decision {
  switch (unsettled.change.action) {
    case 'create':
      return settleCreate(unsettled, sighting.found);
    case 'delete':
      return sighting.found.length === 0 ? { do: 'record-gone' } : { do: 'call' };
    case 'forget':
      return { do: 'record-gone' };
    default:
      return settleUpdate(unsettled, sighting.found);
  }
}

function settleCreate(unsettled: Unsettled, found: readonly Observed[]): Decision {
  const { intent } = unsettled;
  const ours = found.filter(object => object.owner?.opId === intent.opId && object.phase !== 'deleting');
  const [first] = ours;
  if (ours.length > 1) return settleSurplus(intent, ours);
  if (first !== undefined)
    return first.phase === 'pending' ? { do: 'await', object: first } : { do: 'record', object: first };
  const foreign = found.find(object => object.owner?.opId !== intent.opId && object.phase !== 'deleting');
  if (foreign !== undefined) {
    const what = `the name of ${intent.address} is taken by ${foreign.kind} ${foreign.id}, which is not ours`;
    return { do: 'stop', id: 'PR-NAME-TAKEN', what, fix: 'rename the resource, or adopt the object' };
  }
  if (unsettled.sentAt === undefined) return { do: 'call' };
  const from = intent.graceFrom ?? unsettled.sentAt;
  if (from === null) return unsettled.visibleAfterMs === 0 ? { do: 'call' } : { do: 'start-grace' };
  const atMs = from + unsettled.visibleAfterMs;
  return unsettled.nowMs >= atMs ? { do: 'call' } : { do: 'look-again', atMs };
}

/** Two objects of one operation: only our own intent can have made them, so the younger ones go if nothing uses them. */
function settleSurplus(intent: Intent, ours: readonly Observed[]): Decision {
  const sorted = [...ours].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  const keep = sorted.find(object => object.attached) ?? sorted[0];
  const surplus = sorted.filter(object => object !== keep);
  if (keep !== undefined && surplus.every(object => !object.attached)) return { do: 'remove-surplus', keep, surplus };
  const ids = sorted.map(object => object.id).join(' and ');
  const what = `${intent.address} exists more than once: ${ids}`;
  return { do: 'stop', id: 'PR-AMBIGUOUS', what, fix: 'delete all but one, then run again' };
}

function settleUpdate(unsettled: Unsettled, found: readonly Observed[]): Decision {
  const { change, after, intent } = unsettled;
  const object = found[0];
  if (object === undefined) {
    return { do: 'stop', id: 'RUN-GONE', what: `${intent.address} no longer exists`, fix: 'make a new plan' };
  }
  if (object.phase === 'pending') return { do: 'await', object };
  const touched = change.fields.map(field => field.path.split('.')[0] ?? field.path);
  const labelled = object.owner?.address === intent.address;
  const rules = kindNamed(change.kind)?.fields ?? {};
  const is = (spec: Spec | null, field: string): boolean => {
    const rule = rules[field] ?? { effect: 'live' };
    const seen = ownPart(object.spec[field], rule, [after?.[field], change.before?.[field]]);
    return rule.writeOnly === true || sameValue(seen, spec?.[field], rule);
  };
  if (labelled && touched.every(field => is(after, field))) return { do: 'record', object };
  if (touched.every(field => is(after, field) || is(change.before, field)) || unsettled.sentAt === undefined)
    return { do: 'call' };
  const what = `${intent.address} is neither as it was nor as it shall be`;
  return { do: 'stop', id: 'RUN-STALE', what, fix: 'make a new plan' };
}
