import { isObject } from '../../schemas/json.ts';
import { ownerLabels } from '../../schemas/owner.ts';
import type { CreateRequest } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import { type Labels, mergedLabels, PROTECTED_LABEL, userLabels } from '../transport/labels.ts';

/** What is remembered on an object, because an engine has no words for it. */
export const MEMO = {
  /** The kind of what is only an entry: a volume that nothing is in. */
  kind: 'provisioning/kind',
  /** What was asked for, as JSON, without what must not be written down. */
  spec: 'provisioning/spec',
  /** The object that an entry has newer labels for. */
  of: 'provisioning/of',
  /** Number of such an entry: the highest one counts. */
  turn: 'provisioning/turn',
  /** Those labels as JSON: labels of an engine can never change. */
  labels: 'provisioning/labels',
  address: 'provisioning/host-address',
  /** The host that a volume is mounted in, and the name it has there. */
  mounted: 'provisioning/mounted',
} as const;

/** Fields of a spec that stand elsewhere, or nowhere. */
const ELSEWHERE: readonly string[] = ['labels', 'userData'];

/** The labels of a new object. */
export function newLabels(request: CreateRequest, memo: Labels = {}): Labels {
  const spec = Object.fromEntries(Object.entries(request.spec).filter(([field]) => !ELSEWHERE.includes(field)));
  return {
    ...userLabels(request.spec),
    ...memo,
    [MEMO.kind]: request.kind,
    [MEMO.spec]: JSON.stringify(spec),
    ...ownerLabels(request.owner),
    ...(request.protect ? { [PROTECTED_LABEL]: 'true' } : {}),
  };
}

/** The labels that an object shall have, with what was asked of it. */
export function wantedLabels(current: Labels, goal: Goal): Labels {
  const relabel = goal.fields.includes('labels');
  const merged = mergedLabels(current, { before: goal.before, spec: goal.spec, owner: goal.owner, relabel });
  const { [PROTECTED_LABEL]: _guard, ...rest } = merged;
  const changed = goal.fields.filter(field => !ELSEWHERE.includes(field));
  const spec = { ...specIn(current) };
  for (const field of changed) {
    const value = goal.spec[field];
    if (value === undefined || value === null) delete spec[field];
    else spec[field] = value;
  }
  return {
    ...rest,
    ...(changed.length > 0 && goal.verb === 'update' ? { [MEMO.spec]: JSON.stringify(spec) } : {}),
    ...(goal.protect ? { [PROTECTED_LABEL]: 'true' } : {}),
  };
}

/** What was asked of an object; empty for one that we did not make. */
export function specIn(labels: Labels): { [field: string]: Spec[string] } {
  const told = objectIn(labels[MEMO.spec]);
  return told as { [field: string]: Spec[string] };
}

/** JSON of a label as an object; empty when it is none. */
export function objectIn(text: string | undefined): { readonly [field: string]: unknown } {
  try {
    const told = JSON.parse(text ?? '') as unknown;
    return isObject(told) ? told : {};
  } catch {
    return {};
  }
}
