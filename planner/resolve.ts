import { canonical, isObject, type Json } from '../schemas/json.ts';
import { isJoin, isRef, type Join, type Part, type Ref, type Spec } from '../schemas/resource.ts';
import { isSecretUse } from '../schemas/secret.ts';
import { sortedUnique } from './sort.ts';

/** Gives the value behind `server/db-1.privateIp`; undefined while it is not known. */
export type Lookup = (ref: string) => Json | undefined;

/**
 * The spec with every known reference replaced by its value. What is not known stays `{ $ref }` or `{ $join }`, with the
 * known parts of a text filled in, and is listed in `missing`, sorted. A spec without references is returned as it is.
 */
export function resolveSpec(spec: Spec, lookup: Lookup): { spec: Spec; missing: string[] } {
  const missing: string[] = [];
  const resolved = resolveValue(spec, lookup, missing) as Spec;
  return { spec: resolved, missing: missing.length === 0 ? missing : sortedUnique(missing) };
}

function resolveValue(value: Json, lookup: Lookup, missing: string[]): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return resolveList(value as readonly Json[], lookup, missing);
  const object = value as { readonly [key: string]: Json };
  const keys = Object.keys(object);
  if (keys.length === 1) {
    if (isRef(value)) return resolveRef(value, lookup, missing);
    if (isJoin(value)) return resolveJoin(value, lookup, missing);
  }
  let copy: { [key: string]: Json } | undefined;
  for (const key of keys) {
    const before = object[key] as Json;
    const after = resolveValue(before, lookup, missing);
    if (after !== before) (copy ??= { ...object })[key] = after;
  }
  return copy ?? value;
}

function resolveList(items: readonly Json[], lookup: Lookup, missing: string[]): Json {
  let copy: Json[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const before = items[index] as Json;
    const after = resolveValue(before, lookup, missing);
    if (after !== before) (copy ??= [...items])[index] = after;
  }
  return copy ?? items;
}

function resolveRef(ref: Ref, lookup: Lookup, missing: string[]): Json {
  const known = lookup(ref.$ref);
  if (known !== undefined) return known;
  missing.push(ref.$ref);
  return ref as unknown as Json;
}

function resolveJoin(join: Join, lookup: Lookup, missing: string[]): Json {
  const parts: Part[] = [];
  for (const part of join.$join) {
    const known = isRef(part) ? lookup(part.$ref) : part;
    if (known === undefined || isSecretUse(known)) {
      if (isRef(part)) missing.push(part.$ref);
      parts.push(part);
      continue;
    }
    const last = parts.at(-1);
    const text = textOf(known);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  if (parts.length === 0) return '';
  const [first] = parts;
  return parts.length === 1 && typeof first === 'string' ? first : ({ $join: parts } as unknown as Json);
}

/** A value inside a text: text as it is, everything else as canonical JSON. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : canonical(value);
}

/** Whether a value still holds a reference. A secret is none: what it is differs with its version. */
export function isUnknown(value: unknown): boolean {
  if (isRef(value)) return true;
  if (isJoin(value)) return value.$join.some(isRef);
  if (Array.isArray(value)) return value.some(isUnknown);
  return isObject(value) && Object.values(value).some(isUnknown);
}
