import { isObject, type Json, sameJson } from '../json.ts';
import type { FieldRule } from '../kind.ts';
import { isJoin, isRef, splitRef } from '../resource.ts';
import { upstreamOf } from '../upstream.ts';

/** The four versions of one field, of which the new text is made. */
export interface Drifted {
  /** As the resource's own text has it, expressions unevaluated; undefined when it does not. */
  readonly written: Json | undefined;
  /** After defaults and expressions; undefined when nothing sets it. */
  readonly desired: Json | undefined;
  /** What files of defaults say of it. */
  readonly defaults: readonly Json[];
  readonly recorded: Json;
  readonly observed: Json;
}

/** The name that files have for the object of a kind with that provider id; undefined for one that no file declares. */
export type NameOf = (kind: string, id: string) => string | undefined;

/** Thrown when no text would give the field the observed value; the caller adds which field of what it is. */
export class NotWritable extends Error {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  constructor({ what, why, fix }: { readonly what: string; readonly why: string; readonly fix: string }) {
    super(what);
    this.what = what;
    this.why = why;
    this.fix = fix;
  }
}

/** What shall be written for the field, so that it means what was observed; undefined for nothing. What did not drift stays as written. */
export function adoptedValue(drift: Drifted, rule: FieldRule | undefined, nameOf: NameOf): Json | undefined {
  if (rule?.writeOnly === true)
    throw new NotWritable({
      what: 'is never read back',
      why: 'the cloud does not return it, so its value is unknown',
      fix: 'change it by hand',
    });
  const kind = rule?.ref;
  const isSet = rule?.set === true;
  if (kind === undefined) return merged(drift, { isSet });
  // An id without a name may stand in the record, but cannot be written.
  const recorded = named(drift.recorded, id => nameOf(kind, id) ?? id);
  const observed = named(drift.observed, id => nameOf(kind, id) ?? nameless(kind));
  const desired = drift.desired === undefined ? undefined : namesOfRefs(drift.desired);
  return merged({ ...drift, desired, recorded, observed }, { isSet });
}

/** Provider ids to the bare names that files use. */
function named(value: Json, nameOf: (id: string) => string): Json {
  if (Array.isArray(value)) return value.map(item => named(item as Json, nameOf));
  return typeof value === 'string' ? nameOf(value) : value;
}

function nameless(kind: string): never {
  throw new NotWritable({
    what: `now names a ${kind} that no file declares`,
    why: 'files refer to other resources by name',
    fix: `declare the ${kind} with \`adopt\` first, or put the object right with an apply`,
  });
}

function namesOfRefs(value: Json): Json {
  if (Array.isArray(value)) return value.map(item => namesOfRefs(item as Json));
  // What another workspace made has no bare name here.
  if (!isRef(value) || upstreamOf(value.$ref) !== null) return value;
  const { address } = splitRef(value.$ref);
  return address.slice(address.indexOf('/') + 1);
}

/** Three versions into the fourth: at each place the written text where nothing drifted, else the observed value. */
function merged(drift: Drifted, { isSet }: { readonly isSet: boolean }): Json | undefined {
  const { written, desired, recorded, observed } = drift;
  if (sameJson(recorded, observed)) return written;
  if (observed === null) return unset(drift.defaults);
  if (isObject(observed) && isObject(recorded) && (written === undefined || isObject(written))) return mergedMap(drift);
  if (Array.isArray(written) && Array.isArray(recorded) && Array.isArray(observed)) {
    const lists = { written, recorded, observed } as { [key in 'written' | 'recorded' | 'observed']: readonly Json[] };
    if (isSet) return mergedSet({ ...lists, desired });
    if (written.length === recorded.length && written.length === observed.length)
      return written.map(
        (item, index) =>
          merged(
            {
              written: item as Json,
              desired: Array.isArray(desired) ? (desired[index] as Json) : undefined,
              defaults: [],
              recorded: lists.recorded[index] ?? null,
              observed: lists.observed[index] ?? null,
            },
            { isSet: false },
          ) ?? null,
      );
  }
  return literal(observed);
}

function mergedMap(drift: Drifted): Json | undefined {
  const written = membersOf(drift.written);
  const desired = membersOf(drift.desired);
  const recorded = membersOf(drift.recorded);
  const observed = membersOf(drift.observed);
  const value: { [key: string]: Json } = { ...written };
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(observed)])) {
    const member = merged(
      {
        written: written[key],
        desired: desired[key],
        defaults: drift.defaults.flatMap(layer => membersOf(layer)[key] ?? []),
        recorded: recorded[key] ?? null,
        observed: observed[key] ?? null,
      },
      { isSet: false },
    );
    if (member === undefined) delete value[key];
    else value[key] = member;
  }
  return drift.written === undefined && Object.keys(value).length === 0 ? undefined : value;
}

/** The members of a map; none of anything else, be it a value that is only known after apply. */
function membersOf(value: Json | undefined): { readonly [key: string]: Json } {
  return isObject(value) && !isRef(value) && !isJoin(value) ? (value as { readonly [key: string]: Json }) : {};
}

/** Items that are gone leave, new ones go behind the others. */
function mergedSet({
  written,
  desired,
  recorded,
  observed,
}: {
  readonly written: readonly Json[];
  readonly desired: Json | undefined;
  readonly recorded: readonly Json[];
  readonly observed: readonly Json[];
}): Json {
  const has = (list: readonly Json[], item: Json): boolean => list.some(other => sameJson(other, item));
  const gone = recorded.filter(item => !has(observed, item));
  const isPlain = Array.isArray(desired) && desired.length === written.length;
  // Where one item stands for several, or is an expression, the place of a name in the text is not certain.
  if (!isPlain && gone.length > 0)
    throw new NotWritable({
      what: 'lost items of a list that names several at once',
      why: 'one of its items stands for more than one resource',
      fix: 'write the list out, then try again',
    });
  const kept = written.filter((item, index) => !has(gone, isPlain ? ((desired as Json[])[index] ?? item) : item));
  const fresh = observed.filter(item => !has(recorded, item) && !has(kept, item));
  return [...kept, ...fresh.map(literal)];
}

/** The cloud holds nothing: the text goes, unless a default would take its place. */
function unset(defaults: readonly Json[]): undefined {
  if (defaults.length > 0)
    throw new NotWritable({
      what: 'was unset, but a default sets it',
      why: 'leaving a field out at the resource means its default',
      fix: 'change the default, or put the object right with an apply',
    });
  return undefined;
}

/** A value as files write it: `${` is text there only when it is doubled. */
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(item => literal(item as Json));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literal(member as Json)]));
}
