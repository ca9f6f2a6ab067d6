import type { RecordedObject } from '../schemas/checkpoint.ts';
import { type Address, isTaskserv, kindOf, nameOf } from '../schemas/name.ts';
import type { Finding } from '../schemas/plan.ts';
import { eachRef, type Resource, type Spec, splitRef } from '../schemas/resource.ts';
import type { RollbackInput } from './input.ts';
import type { Held } from './matching.ts';
import { type Former, type Past, pastOf, sparedRecord } from './past.ts';
import { planSpec } from './plain.ts';
import { keepLater, reconnect } from './reconnect.ts';
import { canSetBack, reveal } from './risk.ts';
import { cachedRules, type RulesOf } from './scene.ts';
import { isHidden } from './show.ts';
import { idKey } from './sightings.ts';
import { sortedBy, sortedUnique } from './sort.ts';

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

/** Reads off the record which changes of the run were made, and describes what was there before. */
export function formerState(input: RollbackInput): FormerState {
  const past = pastOf(input);
  const findings: Finding[] = [];
  const rules = cachedRules(input.capability);
  const formers: Former[] = [];
  const dead = new Set<string>();
  const removed: RecordedObject[] = [];
  const forgotten: RecordedObject[] = [];
  for (const one of past.values()) {
    const { change, wrote } = one;
    if (change.action === 'create' && wrote !== undefined) removed.push(...undoCreate(input, past, one));
    if (change.action === 'adopt' && wrote !== undefined) forgotten.push(wrote);
    const former = formerOf(input, { past, one, findings, rules, dead });
    if (former !== null) formers.push(former);
  }
  const connected = reconnect(formers, { dead, findings, rules });
  const held = new Map<Address, Held>();
  for (const former of connected) if (former.held !== undefined) held.set(former.address, former.held);
  return {
    resources: sortedBy(connected.map(resourceOf), resource => resource.address),
    held,
    removed: unprotected(removed, findings),
    forgotten,
    findings,
  };
}

/** What was made goes again, unless it is turned back into what it replaced. */
function undoCreate(input: RollbackInput, past: ReadonlyMap<string, Past>, { change, wrote }: Past): RecordedObject[] {
  if (wrote === undefined) return [];
  const old = change.replaces === undefined ? undefined : past.get(change.replaces);
  return old !== undefined && sparedRecord(input.recorded, old.change) === undefined ? [] : [wrote];
}

/** Without what was created protected, and what that rests on: they stay, and it is said. */
function unprotected(removed: readonly RecordedObject[], findings: Finding[]): RecordedObject[] {
  const byAddress = new Map(removed.map(record => [record.address, record]));
  const kept = removed.filter(record => record.protect);
  for (const record of kept) {
    if (!byAddress.delete(record.address)) continue;
    const what = `${record.address} stays: ${record.protect ? 'it was created protected' : 'something protected rests on it'}`;
    findings.push({ level: 'warning', id: 'PR-KEPT', address: record.address, what });
    for (const needed of record.needs) {
      const other = byAddress.get(needed);
      if (other !== undefined) kept.push(other);
    }
  }
  return removed.filter(record => byAddress.has(record.address));
}

interface Facts {
  readonly past: ReadonlyMap<string, Past>;
  readonly one: Past;
  readonly findings: Finding[];
  readonly rules: RulesOf;
  /** Objects that are gone and cannot come back, by provider, kind and id. */
  readonly dead: Set<string>;
}

function formerOf(input: RollbackInput, facts: Facts): Former | null {
  const { change, wrote, gone } = facts.one;
  if (change.action === 'update') return formerUpdate(input, facts);
  if (change.before === null) return null;
  const plain = { address: change.address, change, spec: change.before as Spec, later: null, bystander: false };
  if (change.action === 'forget' && gone) {
    return { ...plain, protect: change.protect ?? false, held: undefined, lost: false, adopt: change.id ?? '' };
  }
  if (change.action !== 'delete' || change.key.includes('#') || change.risk === 'none' || wrote !== undefined)
    return null;
  return formerDelete(input, facts, plain);
}

/** A deleted object comes back as a new one; one that was to be deleted after its successor came is still there. */
function formerDelete(
  input: RollbackInput,
  { past, one, findings, dead }: Facts,
  plain: Pick<Former, 'address' | 'change' | 'later' | 'bystander'>,
): Former | null {
  const { change, gone, successor } = one;
  const made = successor === undefined ? undefined : past.get(successor);
  const later = (made?.change.after ?? null) as Spec | null;
  const protect = change.protect ?? false;
  const spec = reveal((change.before ?? {}) as Spec, later);
  if (!gone) {
    const spared = sparedRecord(input.recorded, change);
    if (spared === undefined || made?.wrote === undefined) return null;
    return { ...plain, spec, later, protect, held: { record: spared, movedFrom: spared.key }, lost: false };
  }
  const secret = Object.keys(spec).filter(field => isHidden(spec[field]));
  if (secret.length > 0) {
    const what = `${change.address} cannot come back: its former ${secret.join(', ')} is not recorded`;
    findings.push({
      level: 'warning',
      id: 'PR-LOST',
      address: change.address,
      what,
      fix: 'apply the commit before instead',
    });
    dead.add(idKey(change.provider, change.kind, change.id ?? ''));
    return null;
  }
  const wrote = made?.wrote;
  const held: Held | undefined =
    wrote === undefined
      ? undefined
      : wrote.key === change.address
        ? { record: wrote }
        : { record: wrote, movedFrom: wrote.key };
  return { ...plain, spec, later, protect, held, lost: true };
}

/** The former values of an update, apart from those that nothing can bring back. */
function formerUpdate({ recorded }: RollbackInput, { one, findings, rules }: Facts): Former | null {
  const { change, wrote } = one;
  const address = change.movedFrom ?? change.address;
  const record = wrote ?? recorded.objects.get(address);
  if (record === undefined || record.id !== change.id || address.includes('#')) return null;
  const later = change.after as Spec;
  const spec: { [field: string]: Spec[string] } = { ...reveal((change.before ?? {}) as Spec, later) };
  const known = rules(change.provider, change.kind);
  for (const field of wrote === undefined ? [] : change.fields) {
    if (canSetBack(field, known)) continue;
    const what = `${change.address} keeps its new ${field.path}: the former one cannot be set back`;
    findings.push({ level: 'warning', id: 'PR-LOST', address: change.address, what });
    keepLater(spec, later, field.path);
  }
  const held: Held = record.key === address ? { record } : { record, movedFrom: record.key };
  const protect = (wrote === undefined ? undefined : change.wasProtected) ?? record.protect;
  return { address, change, spec, later, protect, held, lost: false, bystander: wrote === undefined };
}

function resourceOf(former: Former): Resource {
  const { address, change, protect, adopt } = former;
  const spec = planSpec(former.spec);
  const named: Address[] = [];
  eachRef(former.spec, ref => named.push(splitRef(ref).address));
  const needs = sortedUnique([...(change.requires ?? []), ...named]);
  const on = isTaskserv(change.kind) ? needs.find(needed => kindOf(needed) === 'server') : undefined;
  return {
    address,
    kind: change.kind,
    name: nameOf(address),
    provider: change.provider,
    spec,
    needs,
    protect,
    replace: 'auto',
    ...(on === undefined ? {} : { on }),
    ...(adopt === undefined ? {} : { adopt }),
  };
}
