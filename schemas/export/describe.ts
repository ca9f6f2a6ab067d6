import { isObject, type Json } from '../json.ts';
import type { FieldRule } from '../kind.ts';
import { labels as Labels } from '../kinds/fields.ts';
import { KINDS } from '../kinds/index.ts';
import { type Address, addressOf, nameOf, type CloudKind, type Name } from '../name.ts';
import { isReserved } from '../parse/checks.ts';
import { looksSecret } from '../parse/secrets.ts';
import { showText } from '../problem.ts';
import { byText, type Described, type Existing, KIND_ORDER, type LeftOut, objectKey } from './existing.ts';
import { namesFor } from './names.ts';

/** One object as a resource of the files: references are bare names. */
export interface Entry {
  readonly object: Existing;
  readonly name: Name;
  readonly fields: { readonly [field: string]: Json };
  /** What could not be written, in sentences. */
  readonly notes: readonly string[];
}

/** An object that is left out, with what a person could complete where there is something to write. */
export type Unwritten = LeftOut & { readonly entry?: Entry };

/** What will stand in the files, and what will not. Both sorted. */
export interface Description {
  readonly entries: readonly Entry[];
  readonly leftOut: readonly Unwritten[];
}

/** What a description depends on besides the objects. */
export interface DescribeOptions {
  readonly described: Described;
  /** The rule of a field at a provider; the kind's own where it changes nothing. */
  rule(provider: Name, kind: CloudKind, field: string): FieldRule | undefined;
  /** Objects that the loader refused, by `objectKey`, with its reason. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Objects as resources. Ids become the names of the objects they mean; a field that cannot be written is left to the
 * cloud with a note; an object that lacks a field it must have is left out, and so is what cannot do without it.
 */
export function describe(objects: readonly Existing[], options: DescribeOptions): Description {
  const { described, refused, rule } = options;
  const names = namesFor(objects, described.taken);
  const nameFor = (object: Existing): Name => names.get(objectKey(object)) ?? '';
  const addresses = new Map(described.addresses);
  for (const object of objects) addresses.set(objectKey(object), addressOf(object.kind, nameFor(object)));
  const entries: Entry[] = [];
  const leftOut: Unwritten[] = [];
  // What is left out can no longer be named, so that what is referred to comes first.
  for (const object of [...objects].sort((a, b) => byKind(a, b) || byNumber(nameFor(a), nameFor(b)))) {
    const key = objectKey(object);
    const { entry, missing } = entryOf(object, { name: nameFor(object), addresses, rule });
    const idFlaw = textFlaw(object.id);
    const why = idFlaw === undefined ? (refused.get(key) ?? missing) : `its id ${idFlaw}`;
    if (why === undefined) {
      entries.push(entry);
    } else {
      addresses.delete(key);
      const { kind, id, name } = object;
      leftOut.push({ kind, id, name, why, ...(idFlaw === undefined ? { entry } : {}) });
    }
  }
  return { entries, leftOut };
}

function byKind(a: Existing, b: Existing): number {
  return KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind);
}

/** `web-2` before `web-10`. */
function byNumber(a: string, b: string): number {
  const [, wordA = a, digitsA = ''] = /^(.*?)(\d{1,9})$/.exec(a) ?? [];
  const [, wordB = b, digitsB = ''] = /^(.*?)(\d{1,9})$/.exec(b) ?? [];
  return byText(wordA, wordB) || Number(digitsA) - Number(digitsB) || byText(a, b);
}

interface Naming {
  readonly name: Name;
  readonly addresses: ReadonlyMap<string, Address>;
  readonly rule: DescribeOptions['rule'];
}

/** The entry of one object; `missing` says why the loader could not take it. */
function entryOf(object: Existing, naming: Naming): { readonly entry: Entry; readonly missing?: string } {
  const kind = KINDS[object.kind];
  if (kind === undefined) throw new TypeError(`no such kind: ${object.kind}`);
  const notes = [...object.notes];
  const fields: { [field: string]: Json } = {};
  const flaws = new Map<string, string>();
  for (const field of Object.keys(kind.fields)) {
    const rule = naming.rule(object.provider, object.kind, field);
    const value = rule?.writeOnly === true ? undefined : object.spec[field];
    if (value === undefined || value === null) continue;
    const written = writtenValue(field, value, { object, rule, naming, notes });
    if (typeof written === 'string') flaws.set(field, written);
    else fields[field] = written.value;
  }
  const entry = (): Entry => ({ object, name: naming.name, fields, notes });
  for (const issue of kind.spec.safeParse(fields).error?.issues ?? []) {
    const field = String(issue.path[0] ?? '');
    if (fields[field] === undefined) continue;
    flaws.set(field, `${field} has a value that workspace files do not allow`);
    delete fields[field];
  }
  for (const field of Object.keys(fields)) {
    if (isEmpty(fields[field]) && kind.spec.safeParse({ ...fields, [field]: undefined }).success) delete fields[field];
  }
  const lacking = kind.spec.safeParse(fields).error?.issues.map(issue => String(issue.path[0] ?? '')) ?? [];
  const [first] = lacking;
  for (const [field, flaw] of flaws) if (!lacking.includes(field)) notes.push(`${flaw}: left to the cloud`);
  if (first === undefined) return { entry: entry() };
  return { entry: entry(), missing: flaws.get(first) ?? `the cloud does not say its ${first}` };
}

interface Writing {
  readonly object: Existing;
  readonly rule: FieldRule | undefined;
  readonly naming: Naming;
  readonly notes: string[];
}

/** A value as the files have it, or the reason why they cannot. */
function writtenValue(field: string, value: Json, writing: Writing): { readonly value: Json } | string {
  if (writing.rule?.ref !== undefined) return named(field, value, { ...writing, kind: writing.rule.ref });
  const flaw = textFlaw(value);
  if (field === 'labels' && isObject(value))
    return { value: goodLabels(value as { readonly [key: string]: Json }, writing.notes) };
  return flaw === undefined ? { value } : `${field} ${flaw}`;
}

/** Ids as bare names. A list of which one item has no name cannot be written at all: without the item it would take it away. */
function named(
  field: string,
  value: Json,
  { object, naming, kind }: Writing & { readonly kind: CloudKind },
): { readonly value: Json } | string {
  const isList = Array.isArray(value);
  const ids = (isList ? value : [value]) as readonly Json[];
  const names: string[] = [];
  for (const id of ids) {
    const address = naming.addresses.get(objectKey({ provider: object.provider, kind, id: String(id) }));
    if (address === undefined) return `${field} names the ${kind} ${String(id)}, which is not described here`;
    names.push(nameOf(address));
  }
  return { value: isList ? names : (names[0] ?? null) };
}

/** Labels that files may hold. Others stay on the object: only the keys in the files are ours to change. */
function goodLabels(labels: { readonly [key: string]: Json }, notes: string[]): Json {
  const good: { [key: string]: Json } = {};
  const bad: string[] = [];
  for (const key of Object.keys(labels).sort(byText)) {
    const value = labels[key] ?? '';
    const fits = !isReserved(key) && Labels.safeParse({ [key]: value }).success;
    if (fits && textFlaw([key, value]) === undefined) good[key] = value;
    else bad.push(key);
  }
  if (bad.length > 0) {
    const shown = bad.slice(0, 3).map(key => (looksSecret(key) ? '(a credential)' : JSON.stringify(showText(key))));
    const more = bad.length > 3 ? ` and ${bad.length - 3} more` : '';
    notes.push(
      `${bad.length === 1 ? 'the label' : 'the labels'} ${shown.join(', ')}${more} cannot be written: left to the cloud`,
    );
  }
  return good;
}

/** Why the texts in a value may not stand in a file; undefined when they may. */
function textFlaw(value: Json): string | undefined {
  if (typeof value === 'string') {
    if (looksSecret(value)) return 'looks like it holds a credential';
    return /[^\P{Cc}\t\n]|\p{Cs}/u.test(value) ? 'holds characters that are no text' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const flaw = textFlaw(key) ?? textFlaw(member as Json);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function isEmpty(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
