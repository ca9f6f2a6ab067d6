import { isObject, type Json, sameJson } from '../json.ts';

/** One change at one place of a tree. A path to insert at ends with the new key, or with the index that the item will have. */
export type Step =
  | { readonly kind: 'replace'; readonly path: readonly string[]; readonly value: Json }
  | { readonly kind: 'insert'; readonly path: readonly string[]; readonly value: Json }
  | { readonly kind: 'remove'; readonly path: readonly string[] };

/** The smallest steps that make one tree the other, to be taken in this order. What both have keeps its text. */
export function stepsBetween(before: Json, after: Json, path: readonly string[] = []): Step[] {
  if (sameJson(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listSteps(before, after, path);
  if (!isObject(before) || !isObject(after)) return [{ kind: 'replace', path, value: after }];
  const steps: Step[] = [];
  for (const key of Object.keys(before)) {
    const next = after[key] as Json | undefined;
    if (next === undefined) steps.push({ kind: 'remove', path: [...path, key] });
    else steps.push(...stepsBetween(before[key] as Json, next, [...path, key]));
  }
  for (const key of Object.keys(after)) {
    if (Object.hasOwn(before, key) || after[key] === undefined) continue;
    steps.push({ kind: 'insert', path: [...path, key], value: after[key] as Json });
  }
  // Adding first keeps a map from being empty on the way, when all its keys change.
  return [...steps.filter(step => step.kind === 'insert'), ...steps.filter(step => step.kind !== 'insert')];
}

/** Items that are equal at the start and at the end of both lists stay; those between are changed one by one. */
function listSteps(before: readonly Json[], after: readonly Json[], path: readonly string[]): Step[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && sameJson(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && sameJson(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const steps: Step[] = [];
  for (let index = start; index < shorter - end; index += 1)
    steps.push(...stepsBetween(before[index] as Json, after[index] as Json, [...path, String(index)]));
  for (let index = before.length - end - 1; index >= shorter - end; index -= 1)
    steps.push({ kind: 'remove', path: [...path, String(index)] });
  for (let index = shorter - end; index < after.length - end; index += 1)
    steps.push({ kind: 'insert', path: [...path, String(index)], value: after[index] as Json });
  return steps;
}

/** The tree after one step. */
export function afterStep(tree: Json, step: Step): Json {
  const value = step.kind === 'remove' ? undefined : step.value;
  return changed(tree, step.path, { value, isInsert: step.kind === 'insert' });
}

function changed(
  tree: Json,
  [key, ...rest]: readonly string[],
  to: { readonly value: Json | undefined; readonly isInsert: boolean },
): Json {
  if (key === undefined) return to.value ?? null;
  if (Array.isArray(tree)) {
    const items = [...(tree as readonly Json[])];
    const index = Number(key);
    if (rest.length > 0) items[index] = changed(items[index] ?? null, rest, to);
    else items.splice(index, to.isInsert ? 0 : 1, ...(to.value === undefined ? [] : [to.value]));
    return items;
  }
  const members = { ...(isObject(tree) ? (tree as { [key: string]: Json }) : {}) };
  if (rest.length > 0) members[key] = changed(members[key] ?? null, rest, to);
  else if (to.value === undefined) delete members[key];
  else members[key] = to.value;
  return members;
}
