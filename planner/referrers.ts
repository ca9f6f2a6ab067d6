import type { Address, WorkspaceKey } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import { type Position, showPosition } from '../schemas/position.ts';
import { addTo, sortedUnique } from './sort.ts';

/** A resource of another workspace that refers to an output of this one. */
export interface Referrer {
  readonly workspace: WorkspaceKey;
  /** Its resource, and what it refers to here. */
  readonly by: Address;
  readonly address: Address;
  readonly output: string;
  readonly at?: Position;
  /** Its files refer to it in the commit that is planned. */
  readonly isDesired: boolean;
  /** An object of its record was made with it. */
  readonly isRecorded: boolean;
  /** It is part of the same review, and so applied when this is. */
  readonly isTogether: boolean;
}

/** Id of the findings on what other workspaces rest on. */
export const HELD_BY = 'PR-DOWNSTREAM';

/** How many references one finding names. */
const NAMED = 4;

/**
 * Findings against taking away what other workspaces rest on. Somebody whose files still refer to it forbids a deletion;
 * somebody who has let go in the files, but not yet in reality, comes first.
 */
export function referrerFindings(changes: readonly Change[], referrers: readonly Referrer[]): Finding[] {
  if (referrers.length === 0) return [];
  const replaced = new Set(changes.map(({ replaces }) => replaces));
  return changes.flatMap(change => {
    const { key, action, address } = change;
    if ((action !== 'delete' && action !== 'forget') || key.includes('#')) return [];
    const groups = new Map<WorkspaceKey, Referrer[]>();
    for (const one of referrers) if (one.address === address) addTo(groups, one.workspace, one);
    const verb = replaced.has(key) ? 'replaced' : action === 'delete' ? 'deleted' : 'forgotten';
    return [...groups].map(([workspace, uses]) => findingOf(change, workspace, { uses, verb }));
  });
}

function findingOf(
  { address, at }: Change,
  workspace: WorkspaceKey,
  { uses, verb }: { readonly uses: readonly Referrer[]; readonly verb: 'replaced' | 'deleted' | 'forgotten' },
): Finding {
  const isDesired = uses.some(one => one.isDesired);
  const isRecorded = uses.some(one => one.isRecorded);
  const frame = { id: HELD_BY, address, ...(at === undefined ? {} : { at }), why: reasons(uses) };
  if (verb === 'replaced')
    return {
      ...frame,
      level: 'warning',
      what: `${address} is replaced, and ${workspace} refers to it`,
      fix: `expect changes in ${workspace} afterwards`,
    };
  if (isDesired)
    return {
      ...frame,
      level: isRecorded ? 'error' : 'warning',
      what: `${address} would be ${verb}, but the files of ${workspace} refer to it`,
      fix: `take the references out of ${workspace} first`,
    };
  return {
    ...frame,
    level: uses.some(one => one.isTogether) ? 'note' : 'error',
    what: `${address} is ${verb} only after ${workspace} has let go of it`,
    fix: `apply ${workspace} first: its files no longer refer to it`,
  };
}

function reasons(uses: readonly Referrer[]): string {
  const texts = sortedUnique(
    uses.map(({ by, output, at }) => `${by} uses ${output}${at === undefined ? '' : ` (${showPosition(at)})`}`),
  );
  const more = texts.length > NAMED ? ` and ${texts.length - NAMED} more` : '';
  return `${texts.slice(0, NAMED).join(', ')}${more}`;
}
