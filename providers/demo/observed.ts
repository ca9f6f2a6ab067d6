import { ownerOf } from '../../schemas/owner.ts';
import type { Observed, Outcome, PendingToken } from '../../schemas/provider.ts';
import { demoKindOf } from './kinds.ts';
import { withoutOwner } from '../transport/labels.ts';
import type { CloudObject } from './replies.ts';

/** States in which an object can be used or will never be usable. Any other one, also one we have never heard of, is on its way. */
const PHASES: { readonly [state: string]: Observed['phase'] } = {
  running: 'ready',
  available: 'ready',
  active: 'ready',
  failed: 'failed',
  deleting: 'deleting',
};

/** An object of the cloud in our words; undefined when its kind is none of ours. */
export function observedOf(object: CloudObject): Observed | undefined {
  const kind = demoKindOf(object.kind);
  if (kind === undefined) return undefined;
  const all = { ...object.fields, ...object.outputs };
  const outputs = Object.entries(kind.outputs).map(([ours, theirs]) => [ours, all[theirs] ?? null]);
  return {
    kind: object.kind,
    id: object.id,
    name: object.name,
    spec: { ...kind.decode(object.fields), labels: withoutOwner(object.labels) },
    outputs: { id: object.id, ...Object.fromEntries(outputs) },
    owner: ownerOf(object.labels),
    phase: PHASES[object.state] ?? 'pending',
    protected: object.protection,
    createdAt: Date.parse(object.created),
    ...(object.changed == null ? {} : { changed: { by: object.changed.by, at: Date.parse(object.changed.at) } }),
    attached:
      object.used_by.length > 0 || (kind.attachedBy !== undefined && (object.fields[kind.attachedBy] ?? null) !== null),
  };
}

const POLL_MS = 200;

/** The token to follow an action; without one, the object itself tells when it is ready. */
export function pendingToken(object: { readonly kind: string; readonly id: string }, wait: Wait): PendingToken {
  return { kind: object.kind, id: object.id, wait: { ...wait }, pollMs: POLL_MS };
}

/** What a pending token waits for. */
export interface Wait {
  readonly action: string | null;
  /** It is over when the object is gone. */
  readonly gone: boolean;
}

/** Done, or what to wait for. */
export function outcomeOf(object: CloudObject, observed: Observed): Outcome {
  const settled = object.action === null && observed.phase !== 'pending';
  if (settled) return { status: 'done', object: observed };
  return { status: 'pending', token: pendingToken(object, { action: object.action, gone: false }) };
}
