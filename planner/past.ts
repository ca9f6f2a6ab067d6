import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Change } from '../schemas/plan.ts';
import type { Spec } from '../schemas/resource.ts';
import type { RollbackInput } from './input.ts';
import type { Held } from './matching.ts';
import { idKey } from './sightings.ts';

/** One change of a run with what became of it. */
export interface Past {
  readonly change: Change;
  /** The record that this change wrote, if it still stands. */
  readonly wrote: RecordedObject | undefined;
  /** On a delete or forget: nothing of the object is recorded any more. */
  readonly gone: boolean;
  /** On a delete: key of the create that takes the object's place. */
  readonly successor: string | undefined;
}

/** One object as it was before the run. */
export interface Former {
  readonly address: Address;
  /** The change of the run that touched it. */
  readonly change: Change;
  readonly spec: Spec;
  /** What the run wanted of it: shows where its values came from. */
  readonly later: Spec | null;
  readonly protect: boolean;
  readonly held: Held | undefined;
  /** The run deleted the object, so that only a new one like it can come back. */
  readonly lost: boolean;
  /** The run did not change it; it matters only if what it points to comes back as another object. */
  readonly bystander: boolean;
  readonly adopt?: string;
}

/** The changes of the newest run's plan, by key, with what the record says of each. Empty when nothing ever ran. */
export function pastOf({ plan, recorded }: RollbackInput): ReadonlyMap<string, Past> {
  const past = new Map<string, Past>();
  const run = recorded.run?.id;
  if (run === undefined) return past;
  const written = new Map<string, RecordedObject>();
  const known = new Set<string>();
  for (const object of recorded.objects.values()) {
    if (object.by.run === run) written.set(object.by.key, object);
    known.add(idKey(object.provider, object.kind, object.id));
  }
  const successors = new Map(plan.changes.map(change => [change.replaces, change.key]));
  for (const change of plan.changes) {
    past.set(change.key, {
      change,
      wrote: written.get(change.key),
      gone: change.after === null && !known.has(idKey(change.provider, change.kind, change.id ?? '')),
      successor: change.action === 'delete' ? successors.get(change.key) : undefined,
    });
  }
  return past;
}

/** The record of an object that was replaced, but whose deletion did not happen: it stands beside its successor's. */
export function sparedRecord(recorded: Recorded, deletion: Change): RecordedObject | undefined {
  const record = recorded.objects.get(`${deletion.key.slice('delete '.length)}#${deletion.id ?? ''}`);
  return record?.id === deletion.id ? record : undefined;
}
