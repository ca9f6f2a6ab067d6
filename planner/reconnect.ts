import { isObject, type Json } from '../schemas/json.ts';
import type { Address, KindName } from '../schemas/name.ts';
import type { Finding } from '../schemas/plan.ts';
import type { Ref, Spec } from '../schemas/resource.ts';
import type { Former } from './past.ts';
import type { KindRules } from './rules.ts';
import type { RulesOf } from './scene.ts';
import { idKey } from './sightings.ts';

interface Options {
  /** Objects that are gone and cannot come back, by provider, kind and id. Grows by those that cannot be without them. */
  readonly dead: Set<string>;
  readonly findings: Finding[];
  readonly rules: RulesOf;
}

/**
 * Former specs name objects by ids and addresses of then. Where such an object comes back as a new one, the value
 * becomes a reference to it; where it cannot come back, what was made on top of it cannot either, and what merely points
 * to it keeps its present value.
 */
export function reconnect(formers: readonly Former[], options: Options): Former[] {
  let left = formers;
  for (;;) {
    const links = linksOf(left, options);
    const next: Former[] = [];
    let fell = false;
    for (const former of left) {
      const kept = rewire(former, links, options);
      if (kept !== null) next.push(kept);
      else if (former.lost) fell = true;
    }
    if (!fell) return next;
    left = left.filter(former => !former.lost || !options.dead.has(idOf(former)));
  }
}

interface Links {
  /** Former ids of objects that come back, with their address. */
  readonly reborn: ReadonlyMap<string, Address>;
  /** Former outputs of objects that come back, with the reference to each; null where two objects had the same. */
  readonly copies: ReadonlyMap<string, Copy | null>;
  readonly dead: ReadonlySet<string>;
}

/** A value that others may hold a copy of. */
interface Copy {
  readonly ref: Ref;
  readonly address: Address;
}

function linksOf(formers: readonly Former[], { dead, rules }: Options): Links {
  const reborn = new Map<string, Address>();
  const copies = new Map<string, Copy | null>();
  for (const former of formers) {
    if (!former.lost) continue;
    const { address, change } = former;
    reborn.set(idOf(former), address);
    const known = rules(change.provider, change.kind)?.kind.outputs;
    for (const [output, value] of Object.entries({ ...change.outputs, id: change.id })) {
      if (typeof value !== 'string' || value === '' || known?.[output]?.sameAs !== undefined) continue;
      copies.set(value, copies.has(value) ? null : { ref: { $ref: `${address}.${output}` }, address });
    }
  }
  return { reborn, copies, dead };
}

function idOf({ change }: Former): string {
  return idKey(change.provider, change.kind, change.id ?? '');
}

/** The former with its references restored; null when it cannot come back, or does not matter. */
function rewire(former: Former, links: Links, { dead, findings, rules }: Options): Former | null {
  const { change, later } = former;
  const known = rules(change.provider, change.kind);
  const needs = new Set(change.requires ?? []);
  const spec: { [field: string]: Json } = {};
  const broken: string[] = [];
  let touched = false;
  for (const [field, value] of Object.entries(former.spec)) {
    const target = known?.field(field).ref;
    const result = rewireValue(value, { links, needs, own: former.address, ...wanted(change.provider, target) });
    if (result === DEAD) broken.push(field);
    else {
      spec[field] = result;
      touched ||= result !== value;
    }
  }
  if (broken.length === 0) return former.bystander && !touched ? null : { ...former, spec };
  if (former.bystander) return null;
  for (const field of broken) {
    const what = former.lost
      ? `${former.address} cannot come back: what its ${field} named is gone for good`
      : `${former.address} keeps its new ${field}: what the former one named is gone for good`;
    findings.push({ level: 'warning', id: 'PR-LOST', address: former.address, what });
    keepLater(spec, later, field);
  }
  if (!former.lost) return { ...former, spec };
  dead.add(idOf(former));
  return null;
}

/** Leaves a field as the run made it. */
export function keepLater(spec: { [field: string]: Json }, later: Spec | null, field: string): void {
  const value = later?.[field];
  if (value === undefined) delete spec[field];
  else spec[field] = value;
}

const DEAD = Symbol('what it names is gone');

interface Wanted {
  /** Provider and kind that the ids of the field belong to; absent for fields that hold no ids. */
  readonly ids?: { readonly provider: string; readonly kind: KindName };
  readonly links: Links;
  /** What the object rested on. */
  readonly needs: ReadonlySet<Address>;
  readonly own: Address;
}

function wanted(provider: string, kind: ReturnType<KindRules['field']>['ref']): Pick<Wanted, 'ids'> {
  return kind === undefined ? {} : { ids: { provider, kind } };
}

function rewireValue(value: Json, want: Wanted): Json | typeof DEAD {
  const { ids, links, needs, own } = want;
  if (typeof value === 'string') {
    const key = ids === undefined ? '' : idKey(ids.provider, ids.kind, value);
    if (links.dead.has(key)) return DEAD;
    const address = links.reborn.get(key);
    if (address !== undefined) return { $ref: `${address}.id` };
    return recopied(value, links, { needs, own });
  }
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(item => rewireValue(item, want));
    return items.includes(DEAD) ? DEAD : keepIfSame(value, items as Json[]);
  }
  if (!isObject(value)) return value;
  const members: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value as { [key: string]: Json })) {
    const result = rewireValue(member, { links, needs, own });
    if (result === DEAD) return DEAD;
    members[key] = result;
  }
  return Object.keys(members).every(key => members[key] === value[key]) ? (value as Json) : members;
}

function keepIfSame(before: Json, items: readonly Json[]): Json {
  return items.every((item, index) => item === (before as readonly Json[])[index]) ? before : items;
}

/** From this length on a text is the copy of an output wherever it stands; a shorter one only in what rests on the object. */
const TELLING = 7;

/** A text that is, or holds as a word of its own, the former output of an object that comes back. */
function recopied(value: string, { copies }: Links, { needs, own }: Pick<Wanted, 'needs' | 'own'>): Json {
  if (copies.size === 0) return value;
  const copyOf = (text: string) => {
    const copy = copies.get(text) ?? undefined;
    if (copy === undefined || copy.address === own) return undefined;
    return text.length >= TELLING || needs.has(copy.address) ? copy.ref : undefined;
  };
  const whole = copyOf(value);
  if (whole !== undefined) return whole as unknown as Json;
  const parts: (string | Ref)[] = [];
  let at = 0;
  for (const word of value.matchAll(/[A-Za-z0-9._-]+|(?<=\[)[0-9a-fA-F:]+(?=\])/g)) {
    const ref = copyOf(word[0]);
    if (ref === undefined) continue;
    parts.push(value.slice(at, word.index), ref);
    at = word.index + word[0].length;
  }
  if (parts.length === 0) return value;
  return { $join: [...parts, value.slice(at)].filter(part => part !== '') } as unknown as Json;
}
