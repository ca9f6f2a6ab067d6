import { isObject } from '../../schemas/json.ts';
import { LABEL, type Owner, ownerLabels } from '../../schemas/owner.ts';
import type { Spec } from '../../schemas/resource.ts';

export type Labels = { readonly [key: string]: string };

const OURS: ReadonlySet<string> = new Set(Object.values(LABEL));

/** What every label of ours starts with; a user's cannot. */
const PREFIX = 'provisioning/';

/** Key of the label that protects an object where the cloud has no protection of its own. */
export const PROTECTED_LABEL = 'provisioning/protected';

/** The labels a person asked for. */
export function userLabels(spec: Spec): Labels {
  const labels = spec['labels'];
  return isObject(labels) ? (labels as Labels) : {};
}

/** Labels of an object without ours: whose it is, and what else we had to remember on it. */
export function withoutOwner(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith(PREFIX)));
}

/**
 * The labels an object shall have: what others put on it stays, what we asked for before and no longer do goes, and
 * the owner is written. A cloud replaces the whole set, so it must be read first.
 */
export function mergedLabels(
  current: Labels,
  change: { readonly before: Spec; readonly spec: Spec; readonly owner: Owner; readonly relabel: boolean },
): Labels {
  const wanted = userLabels(change.spec);
  const dropped = change.relabel ? Object.keys(userLabels(change.before)).filter(key => !(key in wanted)) : [];
  const kept = Object.entries(current).filter(([key]) => !OURS.has(key) && !dropped.includes(key));
  return { ...Object.fromEntries(kept), ...(change.relabel ? wanted : {}), ...ownerLabels(change.owner) };
}
