import { canonical, isObject, type Json, sameJson } from '../schemas/json.ts';
import type { FieldRule } from '../schemas/kind.ts';
import { byText } from './sort.ts';
import { plainRange } from './address-range.ts';

/** Whether two values of a field mean the same under its rule: order in a set, spelling, and members that are null do not count. */
export function sameValue(a: Json | undefined, b: Json | undefined, rule: FieldRule): boolean {
  if (a === b || sameJson(a, b)) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  return canonical(comparable(a ?? null, rule)) === canonical(comparable(b ?? null, rule));
}

/** Null, and a list or map without members: what a cloud returns for a field that is not set. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function comparable(value: Json, rule: FieldRule): Json {
  const plain = spelled(value, rule);
  if (rule.set !== true || !Array.isArray(plain)) return plain;
  const unique = new Map((plain as readonly Json[]).map(item => [canonical(item), item]));
  return [...unique.entries()].sort((a, b) => byText(a[0], b[0])).map(entry => entry[1]);
}

/** The value with one spelling for everything that is spelled in several ways, and without members that are null. */
function spelled(value: Json, rule: FieldRule): Json {
  if (typeof value === 'string') return spelling(value, rule);
  if (Array.isArray(value)) return (value as readonly Json[]).map(item => spelled(item, rule));
  if (!isObject(value)) return value;
  const members: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value as { [key: string]: Json })) {
    if (member !== null && member !== undefined) members[key] = spelled(member, rule);
  }
  return members;
}

function spelling(text: string, rule: FieldRule): string {
  if (rule.normalise === 'lower-case') return text.toLowerCase();
  return rule.normalise === 'cidr' ? (plainRange(text) ?? text) : text;
}

/** Of an observed map that others write into too, the part that the files or the record know of. Any other value as it is. */
export function ownPart(
  seen: Json | undefined,
  rule: FieldRule,
  known: readonly (Json | undefined)[],
): Json | undefined {
  if (rule.sharedKeys !== true || !isObject(seen)) return seen;
  const ours = new Set(known.flatMap(value => (isObject(value) ? Object.keys(value) : [])));
  return Object.fromEntries(Object.entries(seen as { readonly [key: string]: Json }).filter(([key]) => ours.has(key)));
}
