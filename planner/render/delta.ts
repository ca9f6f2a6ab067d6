import { diffArrays } from 'diff';
import { canonical, isObject, type Json } from '../../schemas/json.ts';
import type { FieldChange } from '../../schemas/plan.ts';
import { isHidden } from '../show.ts';
import { isSecretUse } from '../../schemas/secret.ts';
import { isJoin } from '../../schemas/resource.ts';
import { byText, sortedUnique } from '../sort.ts';

/** The smallest part of a field that differs. */
export interface Delta {
  readonly sign: '+' | '-' | '~';
  /** `labels.tier`, `rules[2].port`; for an entry that came or went the list alone. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** A field change taken apart into what really differs, so that one label of ten does not read as ten. */
export function deltasOf(field: FieldChange): Delta[] {
  const deltas: Delta[] = [];
  collect(deltas, field.path, { before: field.before, after: field.after });
  return deltas;
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

function collect(deltas: Delta[], path: string, { before, after }: Pair): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    collectList(deltas, path, { before, after });
  } else if (isMap(before) && isMap(after)) {
    for (const key of sortedUnique([...Object.keys(before), ...Object.keys(after)])) {
      const pair = { before: before[key], after: after[key] };
      if (canonical(pair.before) !== canonical(pair.after)) collect(deltas, `${path}.${key}`, pair);
    }
  } else {
    const sign = before === null || before === undefined ? '+' : after === null || after === undefined ? '-' : '~';
    deltas.push({ sign, path, before, after });
  }
}

/** Entries that came and went; where one stands in the other's place, only what differs inside it. */
function collectList(
  deltas: Delta[],
  path: string,
  { before, after }: { readonly before: readonly Json[]; readonly after: readonly Json[] },
): void {
  const hunks = diffArrays(before.map(canonical), after.map(canonical));
  let from = 0;
  let to = 0;
  for (let index = 0; index < hunks.length; index += 1) {
    const hunk = hunks[index];
    if (hunk === undefined) break;
    if (!hunk.removed && !hunk.added) {
      from += hunk.count;
      to += hunk.count;
      continue;
    }
    const next = hunks[index + 1];
    const swaps = hunk.removed && next?.added === true;
    const gone = hunk.removed ? before.slice(from, from + hunk.count) : [];
    const come = hunk.removed ? (swaps ? after.slice(to, to + next.count) : []) : after.slice(to, to + hunk.count);
    pairUp(deltas, path, { gone, come, at: to });
    from += gone.length;
    to += come.length;
    if (swaps) index += 1;
  }
}

function pairUp(
  deltas: Delta[],
  path: string,
  { gone, come, at }: { readonly gone: readonly Json[]; readonly come: readonly Json[]; readonly at: number },
): void {
  const inPlace = gone.length === come.length && gone.every((item, index) => isMap(item) && isMap(come[index]));
  if (inPlace) {
    gone.forEach((item, index) => collect(deltas, `${path}[${at + index}]`, { before: item, after: come[index] }));
    return;
  }
  for (const item of gone) deltas.push({ sign: '-', path, before: item, after: undefined });
  for (const item of come) deltas.push({ sign: '+', path, before: undefined, after: item });
}

/** A map that has members of its own to compare. */
function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return isObject(value) && !isHidden(value) && !isSecretUse(value) && !isJoin(value) && !('$ref' in value);
}

/** Fields of a spec in the order in which people look for them: what it is, where it is, the rest, labels last. */
export function readingOrder(fields: readonly string[]): string[] {
  const first = ['version', 'size', 'sizeGib', 'type', 'image', 'ipRange', 'network', 'subnet', 'zone'];
  const weight = (field: string) => (field === 'labels' ? 99 : first.includes(field) ? first.indexOf(field) : 50);
  return [...fields].sort((a, b) => weight(a) - weight(b) || byText(a, b));
}
