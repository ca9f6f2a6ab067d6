import { ownPart, sameValue } from '../planner/values.ts';
import { kindNamed } from '../schemas/kinds/index.ts';
import type { Owner } from '../schemas/owner.ts';
import type { Change } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';

/** What a look-up found about an intent whose outcome is not known. */
export interface Sighting {
  /** Objects that carry the intent's operation, or have its name. For update and delete: the object itself, if it exists. */
  readonly found: readonly Observed[];
}

export interface Unsettled {
  readonly change: Change;
  /** With the operation id of the intent. */
  readonly owner: Owner;
  /** Resolved spec that the change asks for; null for a delete. */
  readonly after: Spec | null;
  /** Milliseconds between the last call and the look-up; undefined when it certainly was not sent; null when nobody knows. */
  readonly sinceMs: number | undefined | null;
  /** Longest time in milliseconds that a created object may stay invisible. */
  readonly visibleAfterMs: number;
  /** The cloud cannot tell two creates apart: what could be the result is shown to a person. */
  readonly asks: boolean;
}

/** The only ways to go on with an intent. */
export type Decision =
  | { readonly do: 'record'; readonly object: Observed }
  /** It exists and cannot be used: recorded as unfinished, so that the next plan replaces it. */
  | { readonly do: 'record-broken'; readonly object: Observed }
  | { readonly do: 'record-gone' }
  /** It certainly was not done: send it, with the same operation id as before. */
  | { readonly do: 'call' }
  /** The cloud still works on it. */
  | { readonly do: 'await'; readonly object: Observed }
  | { readonly do: 'look-again'; readonly afterMs: number }
  /** Nobody knows when it was sent: the time in which it may stay invisible starts now and is written down, so that it ends. */
  | { readonly do: 'start-grace' }
  | { readonly do: 'remove-surplus'; readonly keep: Observed; readonly surplus: readonly Observed[] }
  | { readonly do: 'stop'; readonly id: string; readonly what: string; readonly fix: string }
  /** A person must say which it is; the intent stays open until then. */
  | { readonly do: 'ask'; readonly what: string; readonly fix: string };

/** The recovery table. Pure: each row is a test. */
export function settle(unsettled: Unsettled, { found }: Sighting): Decision {
  switch (unsettled.change.action) {
    case 'create':
      return settleCreate(unsettled, found);
    case 'delete':
      // Also what is being deleted is deleted again: nobody knows whether the deletion that runs will succeed.
      return found.length === 0 ? { do: 'record-gone' } : { do: 'call' };
    case 'forget':
      return { do: 'record-gone' };
    default:
      return settleUpdate(unsettled, found);
  }
}

function settleCreate(unsettled: Unsettled, found: readonly Observed[]): Decision {
  const { owner } = unsettled;
  const present = found.filter(object => object.phase !== 'deleting');
  const ours = present.filter(object => object.owner?.opId === owner.opId && isOwn(owner, object));
  const [first] = ours;
  if (ours.length > 1) return settleSurplus(owner, ours);
  if (first !== undefined) return settleFound(first);
  const { sinceMs, visibleAfterMs } = unsettled;
  const other = present[0];
  if (other !== undefined && unsettled.asks) return sinceMs === undefined ? { do: 'call' } : ask(unsettled, present);
  if (other !== undefined) return nameTaken(owner, other, sinceMs);
  if (sinceMs === undefined) return { do: 'call' };
  if (sinceMs === null) return visibleAfterMs === 0 ? { do: 'call' } : { do: 'start-grace' };
  return sinceMs >= visibleAfterMs ? { do: 'call' } : { do: 'look-again', afterMs: visibleAfterMs - sinceMs };
}

function settleFound(object: Observed): Decision {
  if (object.phase === 'pending') return { do: 'await', object };
  return object.phase === 'failed' ? { do: 'record-broken', object } : { do: 'record', object };
}

/** How long in milliseconds a listing may go on showing a predecessor that was deleted, and how often it is looked at. */
const GHOST_MS = 60_000;
const GHOST_LOOK_MS = 2_000;

function nameTaken(owner: Owner, other: Observed, sinceMs: Unsettled['sinceMs']): Decision {
  const isElder = isOwn(owner, other);
  if (isElder && typeof sinceMs === 'number' && sinceMs < GHOST_MS) return { do: 'look-again', afterMs: GHOST_LOOK_MS };
  const whose = isElder ? 'which an earlier run made' : 'which is not ours';
  const what = `the name of ${owner.address} is taken by ${other.kind} ${other.id}, ${whose}`;
  return { do: 'stop', id: 'PR-NAME-TAKEN', what, fix: 'rename the resource, or adopt the object' };
}

/** An object that cannot say whose it is may be what the lost call made, or anybody's. */
function ask({ owner, change }: Unsettled, candidates: readonly Observed[]): Decision {
  const ids = candidates.slice(0, 5).map(object => object.id);
  const more = candidates.length > ids.length ? ` and ${candidates.length - ids.length} more` : '';
  const what = `whether ${owner.address} was created is not known: it could be ${ids.join(' or ')}${more}`;
  const fix = `write \`adopt: ${ids[0] ?? ''}\` under ${owner.address} if it is that one, or delete it at ${change.provider}; then run again`;
  return { do: 'ask', what, fix };
}

function isOwn(owner: Owner, object: Observed): boolean {
  return object.owner?.workspace === owner.workspace && object.owner.lineage === owner.lineage;
}

/** Two objects of one operation: only our own intent can have made them, so the younger ones go if nothing uses them. */
function settleSurplus(owner: Owner, ours: readonly Observed[]): Decision {
  const sorted = [...ours].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  const usable = sorted.filter(object => object.phase !== 'failed');
  const keep = sorted.find(object => object.attached) ?? usable[0] ?? sorted[0];
  const surplus = sorted.filter(object => object !== keep);
  if (keep !== undefined && surplus.every(object => !object.attached)) return { do: 'remove-surplus', keep, surplus };
  const ids = sorted.map(object => object.id).join(' and ');
  const what = `${owner.address} exists more than once: ${ids}`;
  return { do: 'stop', id: 'PR-AMBIGUOUS', what, fix: 'delete all but one, then run again' };
}

function settleUpdate(unsettled: Unsettled, found: readonly Observed[]): Decision {
  const { change, after, owner, sinceMs } = unsettled;
  const object = found[0];
  if (object === undefined || object.phase === 'deleting') {
    return { do: 'stop', id: 'RUN-GONE', what: `${owner.address} no longer exists`, fix: 'make a new plan' };
  }
  if (sinceMs === undefined) return { do: 'call' };
  if (object.phase === 'pending') return { do: 'await', object };
  const fields = [...new Set(change.fields.map(field => field.path.split('.')[0] ?? field.path))];
  const is = (spec: Spec | null, field: string): boolean => isField(unsettled, object, { spec, field });
  if (isMarked(unsettled, object) && fields.every(field => is(after, field))) return { do: 'record', object };
  if (fields.every(field => is(after, field) || is(change.before, field))) return { do: 'call' };
  const what = `${owner.address} is neither as it was nor as it shall be`;
  return { do: 'stop', id: 'RUN-STALE', what, fix: 'make a new plan' };
}

/** Labels and protection are as the change wants them. */
function isMarked({ change, owner }: Unsettled, object: Observed): boolean {
  const isProtected = change.wasProtected === undefined || object.protected === (change.protect ?? false);
  return isProtected && object.owner?.opId === owner.opId && object.owner.address === owner.address;
}

function isField(
  { change, after }: Unsettled,
  object: Observed,
  { spec, field }: { readonly spec: Spec | null; readonly field: string },
): boolean {
  const rule = kindNamed(change.kind)?.fields[field] ?? { effect: 'live' };
  // What the cloud never shows says nothing: it is sent again, which changes nothing when it was already so.
  if (rule.writeOnly === true) return spec !== after;
  const seen = ownPart(object.spec[field], rule, [after?.[field], change.before?.[field]]);
  return sameValue(seen, spec?.[field], rule);
}
