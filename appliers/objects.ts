import { digestOf } from '../planner/digest.ts';
import type { Intent, Recorded, RecordedObject, Step } from '../schemas/checkpoint.ts';
import { isObject, type Json } from '../schemas/json.ts';
import { kindNamed } from '../schemas/kinds/index.ts';
import type { Change } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';

/** What a change leaves behind. */
export interface Made {
  readonly change: Change;
  readonly intent: Pick<Intent, 'opId' | 'run'>;
  readonly account: string;
  /** Resolved. */
  readonly spec: Spec;
  readonly object: Observed;
}

function recordedObject(made: Made): RecordedObject {
  const { change, object } = made;
  return {
    key: change.address,
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    account: made.account,
    id: object.id,
    spec: withoutSecrets(change.kind, made.spec),
    outputs: object.outputs,
    needs: change.requires ?? [],
    protect: change.protect ?? false,
    opId: made.intent.opId,
    by: { run: made.intent.run, key: change.key },
  };
}

/** Write-only fields are recorded as a digest: enough to see a change, nothing to leak. */
function withoutSecrets(kind: string, spec: Spec): Spec {
  const rules = kindNamed(kind)?.fields ?? {};
  const entries = Object.entries(spec).map(([field, value]) =>
    rules[field]?.writeOnly === true && value !== null && !isDigest(value)
      ? ([field, { $sha256: digestOf(value) }] as const)
      : ([field, value] as const),
  );
  return Object.fromEntries(entries);
}

/** A rollback knows a write-only value by its digest alone: that stays as it is. */
function isDigest(value: Json): boolean {
  return isObject(value) && typeof value['$sha256'] === 'string';
}

/** The checkpoint of a create, update or adopt. An object that this one replaces, and that still exists, moves aside. */
export function madeStep(recorded: Recorded, made: Made): Step {
  const { change } = made;
  const objects = [recordedObject(made), ...aside(recorded, made)];
  const remove = change.movedFrom !== undefined && change.movedFrom !== change.address ? [change.movedFrom] : [];
  return { step: 'done', key: change.key, objects, remove };
}

/** What an object that cannot be used leaves in the record: itself as unfinished, and what it was to replace. */
export function brokenObjects(recorded: Recorded, made: Made): readonly RecordedObject[] {
  return [{ ...recordedObject(made), tainted: true }, ...aside(recorded, made)];
}

/** Another object that stood at the address, and may still exist, keeps its record under its id until it is deleted. */
function aside(recorded: Recorded, { change, object }: Made): readonly RecordedObject[] {
  const before = recorded.objects.get(change.address);
  if (before === undefined || before.id === object.id) return [];
  if (change.replaces === undefined && before.tainted !== true) return [];
  return [{ ...before, key: `${before.address}#${before.id}` }];
}

/** The checkpoint of a delete or forget. */
export function goneStep(recorded: Recorded, change: Change): Step {
  const key = recordKey(recorded, change);
  return { step: 'done', key: change.key, objects: [], remove: key === null ? [] : [key] };
}

/** Under which key the object of a delete or forget is recorded; null when it no longer is. */
function recordKey(recorded: Recorded, change: Change): string | null {
  const aside = `${change.address}#${change.id ?? ''}`;
  if (recorded.objects.has(aside)) return aside;
  const object = recorded.objects.get(change.address);
  return object !== undefined && (change.id === undefined || object.id === change.id) ? change.address : null;
}

/** Whether a change of this run is done already, as the record tells it. */
export function isDone(recorded: Recorded, run: string, change: Change): boolean {
  // Every outcome closes the intent, so an open one is a change that is not done, whatever the objects look like.
  if (recorded.intents.has(change.key)) return false;
  if (change.action === 'delete' || change.action === 'forget') return recordKey(recorded, change) === null;
  const by = recorded.objects.get(change.address);
  return by !== undefined && by.tainted !== true && by.by.run === run && by.by.key === change.key;
}

/** The recorded object that a change works on; undefined for a create. */
export function subject(recorded: Recorded, change: Change): RecordedObject | undefined {
  const key =
    change.action === 'delete' || change.action === 'forget'
      ? recordKey(recorded, change)
      : (change.movedFrom ?? change.address);
  return key === null || change.action === 'create' ? undefined : recorded.objects.get(key);
}
