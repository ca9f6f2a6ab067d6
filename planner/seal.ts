import type { Change, Finding, Plan } from '../schemas/plan.ts';
import { digestOf } from './digest.ts';
import { worstRisk } from './risk.ts';
import { sortedBy } from './sort.ts';

/** A plan before its sums and digests. */
export type Unsealed = Omit<Plan, 'format' | 'counts' | 'risk' | 'observed' | 'changesDigest' | 'digest'> & {
  readonly unchanged: number;
};

/** Adds what follows from the rest: counts, risk and the three digests. */
export function seal(unsealed: Unsealed): Plan {
  const { unchanged, ...rest } = unsealed;
  const body: Omit<Plan, 'digest'> = {
    format: 1,
    ...rest,
    observed: digestOf(rest.changes.map(change => [change.key, change.observed ?? null])),
    counts: countChanges(rest.changes, unchanged),
    risk: worstRisk(rest.changes),
    changesDigest: digestChanges(rest.changes),
  };
  return { ...body, digest: digestOf(body) };
}

/** Digest of what would be done, wherever it was written and whatever the reason. */
export function digestChanges(changes: readonly Change[]): string {
  return digestOf(changes.map(change => ({ ...change, at: undefined, why: undefined })));
}

function countChanges(changes: readonly Change[], unchanged: number): Plan['counts'] {
  const replace = changes.filter(change => change.replaces !== undefined).length;
  const of = (action: Change['action']) => changes.filter(change => change.action === action).length;
  return {
    create: of('create') - replace,
    update: of('update'),
    replace,
    delete: of('delete') - replace,
    adopt: of('adopt'),
    forget: of('forget'),
    unchanged,
  };
}

/** Errors first, then by address, identifier and text; equal ones once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const levels = { error: 0, warning: 1, note: 2 } as const;
  const text = (finding: Finding) =>
    [levels[finding.level], finding.address ?? '', finding.id, finding.what].join('\u0000');
  const unique = new Map(findings.map(finding => [text(finding), finding]));
  return sortedBy(unique.entries(), ([key]) => key).map(([, finding]) => finding);
}
