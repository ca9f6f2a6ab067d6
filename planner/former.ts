import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import type { Resource } from '../schemas/resource.ts';
import { nameOf } from '../schemas/name.ts';
import { formerSpecs } from './former-spec.ts';
import type { RollbackInput } from './input.ts';
import type { Held } from './matching.ts';
import { cachedRules } from './scene.ts';
import { idKey } from './sightings.ts';
import { sortedBy } from './sort.ts';

/** What was there before a run, as far as it is known and can be had again. */
export interface FormerState {
  /** The touched objects that existed before, as they were described then. Sorted by address. */
  readonly resources: readonly Resource[];
  /** The record that each of them has now. */
  readonly held: ReadonlyMap<Address, Held>;
  /** Records of objects that the run made and that nothing before stands for. */
  readonly removed: readonly RecordedObject[];
  /** Records of objects that the run took over: they are let go again. */
  readonly forgotten: readonly RecordedObject[];
  readonly findings: readonly Finding[];
}

/** One change of the run with what became of it. */
export interface Past {
  readonly change: Change;
  /** The record that this change wrote, if it still stands. */
  readonly wrote: RecordedObject | undefined;
  /** On a delete or forget: nothing of the object is recorded any more. */
  readonly gone: boolean;
}

/** Reads off the record which changes of the run were made, and describes what was there before. */
export function formerState(input: RollbackInput): FormerState {
  const past = pastOf(input);
  const findings: Finding[] = [];
  const removed: RecordedObject[] = [];
  const forgotten: RecordedObject[] = [];
  const held = new Map<Address, Held>();
  const specs = formerSpecs(past, { findings, rules: cachedRules(input.capability), recorded: input.recorded });
  for (const { change, wrote } of past) {
    if (wrote === undefined) continue;
    if (change.action === 'adopt') forgotten.push(wrote);
    else if (change.action === 'create') undoCreate(input, { change, wrote, returns: specs.has(change.address) }, { removed, held, findings });
  }
  const resources: Resource[] = [];
  for (const [address, former] of specs) {
    resources.push(former.resource);
    const record = former.record;
    if (record === undefined || held.has(address)) continue;
    held.set(address, record.key === address ? { record } : { record, movedFrom: record.key });
  }
  return { resources: sortedBy(resources, resource => resource.address), held, removed, forgotten, findings };
}

function pastOf({ plan, recorded }: RollbackInput): Past[] {
  const run = recorded.run?.id;
  if (run === undefined) return [];
  const written = new Map<string, RecordedObject>();
  const known = new Set<string>();
  for (const object of recorded.objects.values()) {
    if (object.by.run === run) written.set(object.by.key, object);
    known.add(idKey(object.provider, object.kind, object.id));
  }
  return plan.changes.map(change => ({
    change,
    wrote: written.get(change.key),
    gone: change.after === null && !known.has(idKey(change.provider, change.kind, change.id ?? '')),
  }));
}

/** What was made goes again, unless it took the place of something that comes back in the same way, or is protected. */
function undoCreate(
  { recorded }: RollbackInput,
  made: { readonly change: Change; readonly wrote: RecordedObject; readonly returns: boolean },
  result: { readonly removed: RecordedObject[]; readonly held: Map<Address, Held>; readonly findings: Finding[] },
): void {
  const { change, wrote, returns } = made;
  if (wrote.protect) {
    result.findings.push({
      level: 'warning',
      id: 'PR-KEPT',
      address: change.address,
      what: `${change.address} stays: it was created protected`,
      fix: 'remove `protect: true` from it, apply, and delete it then',
    });
    return;
  }
  const old = change.replaces?.slice('delete '.length);
  const spared = old === undefined ? undefined : [...recorded.objects.values()].find(object => isSpared(object, old, wrote));
  if (spared !== undefined) {
    result.held.set(change.address, { record: spared, movedFrom: spared.key });
    result.removed.push(wrote);
  } else if (change.replaces === undefined) result.removed.push(wrote);
  else if (returns) result.held.set(change.address, { record: wrote });
}

/** The old half of a replacement that was not deleted yet. */
function isSpared(object: RecordedObject, old: string, successor: RecordedObject): boolean {
  return object.key.startsWith(`${old}#`) && object.id !== successor.id;
}

/** A resource as it was described before. */
export function formerResource(change: Change, address: Address, spec: Resource['spec']): Resource {
  return {
    address,
    kind: change.kind,
    name: nameOf(address),
    provider: change.provider,
    spec,
    needs: [...(change.requires ?? [])],
    protect: change.wasProtected ?? change.protect ?? false,
    replace: 'auto',
  } as Resource;
}
