import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Json } from '../schemas/json.ts';
import type { Effect, FieldRule } from '../schemas/kind.ts';
import type { FieldChange } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import { isJoin, isRef, type Spec } from '../schemas/resource.ts';
import { digestOf } from './digest.ts';
import { planValue } from './plain.ts';
import { isUnknown } from './resolve.ts';
import type { KindRules } from './rules.ts';
import { isHidden } from './show.ts';
import { byText } from './sort.ts';
import { isEmpty, ownPart, sameValue } from './values.ts';
import { ASTRAY } from '../schemas/kind.ts';

/** One object from its three sides. What was not recorded or not seen is undefined. */
export interface Sides {
  readonly desired: Spec;
  readonly record: Pick<RecordedObject, 'spec'> | undefined;
  readonly observed: Pick<Observed, 'spec' | 'astray'> | undefined;
}

/**
 * The fields in which the desired spec differs from the real object, or from the record where the object or the field
 * was not seen. Fields that neither the files nor the record set belong to the cloud and are left alone. Sorted by path.
 * `lagging` gets the fields that are already as the files say, but were recorded otherwise.
 */
export function diffFields(sides: Sides, rules: KindRules, lagging: string[] = []): FieldChange[] {
  const changes: FieldChange[] = [];
  const { desired, record } = sides;
  for (const path of Object.keys(desired)) {
    const change = diffField(path, sides, { rule: rules.field(path), lagging });
    if (change !== null) changes.push(change);
  }
  for (const path of Object.keys(record?.spec ?? NOTHING)) {
    const change = path in desired ? null : diffField(path, sides, { rule: rules.field(path), lagging });
    if (change !== null) changes.push(change);
  }
  const astray = astrayField(sides.observed);
  if (astray !== null) changes.push(astray);
  return changes.length < 2 ? changes : changes.sort((a, b) => byText(a.path, b.path));
}

function astrayField(observed: Sides['observed']): FieldChange | null {
  const astray = observed?.astray ?? [];
  return astray.length === 0
    ? null
    : { path: ASTRAY, before: planValue([...astray]), after: planValue([]), effect: 'live', drift: true };
}

const NOTHING: Spec = {};

function diffField(
  path: string,
  { desired, record, observed }: Sides,
  { rule, lagging }: { readonly rule: FieldRule; readonly lagging: string[] },
): FieldChange | null {
  const want = desired[path] ?? null;
  const applied = record?.spec[path];
  if (rule.writeOnly === true) return diffHidden(path, { want, applied, known: record !== undefined }, rule);
  const seen = ownPart(observed?.spec[path], rule, [want, applied]);
  const before = seen === undefined ? (applied ?? null) : seen;
  const known = !isUnknown(want);
  if (want === null ? isEmpty(applied) || isEmpty(before) : known && sameValue(want, before, rule)) {
    if (applied !== undefined && seen !== undefined && !sameValue(want, applied, rule)) lagging.push(path);
    return null;
  }
  return {
    path,
    before: planValue(before),
    after: planValue(want),
    effect: effectOf(rule, { before, after: want }),
    ...(record !== undefined && seen !== undefined && !sameValue(seen, applied, rule) ? { drift: true } : {}),
  };
}

/** A shrinking field that can only grow means a new object. */
function effectOf(rule: FieldRule, { before, after }: { readonly before: Json; readonly after: Json }): Effect {
  const shrinks = typeof before === 'number' && typeof after === 'number' && after < before;
  return rule.growOnly === true && shrinks ? 'replace' : rule.effect;
}

/** The cloud never shows it, so only the record can tell, and the record has its digest alone. */
function diffHidden(
  path: string,
  value: { readonly want: Json; readonly applied: Json | undefined; readonly known: boolean },
  rule: FieldRule,
): FieldChange | null {
  const { want, applied, known } = value;
  if (!known || (isEmpty(want) && isEmpty(applied))) return null;
  const before = hidden(applied ?? null);
  const after = hidden(want);
  if (!isUnknown(after) && sameValue(before, after, rule)) return null;
  return { path, before: planValue(before), after: planValue(after), effect: rule.effect };
}

/** A value that must not be shown: its digest, or where it comes from while that is unknown. */
export function hidden(value: Json): Json {
  if (value === null || isHidden(value) || isRef(value)) return value;
  if (isJoin(value) && isUnknown(value)) return { $join: value.$join.filter(part => isRef(part)) } as unknown as Json;
  return { $sha256: digestOf(value) };
}
