import { canonical, sameJson } from '../schemas/json.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import { rulesOf } from './rules.ts';
import { cutText, isHidden, plainText, showValue } from './show.ts';
import { byText, sortedUnique } from './sort.ts';
import { upstreamDifferences } from './upstream.ts';

/** One thing in which two plans differ, and so one reason why the approval of the first does not cover the second. */
export interface PlanDifference {
  /** Which pinned input, or the change or finding, differs. */
  readonly what: keyof typeof PINNED | 'upstream' | 'change' | 'finding' | 'price';
  /** Key of the change; absent for everything else. */
  readonly key?: string;
  /** One sentence for people, without a full stop. */
  readonly text: string;
}

/** The inputs that a plan pins, each with what people call it. */
const PINNED = {
  purpose: 'purpose',
  workspace: 'workspace',
  commit: 'commit',
  tree: 'workspace folder',
  lineage: 'lineage of the record',
  base: 'record',
  tool: 'version of this program',
  policy: 'settings',
  options: 'options',
  accounts: 'accounts',
  observed: 'observed objects',
} as const;

/** Every pinned input, change, finding and price in which the plan of now differs from the reviewed one. Empty only for equal digests. */
export function comparePlans(reviewed: Plan, now: Plan): PlanDifference[] {
  if (reviewed.digest === now.digest) return [];
  return [
    ...comparePinned(reviewed, now),
    ...compareChanges(reviewed.changes, now.changes),
    ...compareFindings(reviewed, now),
    ...comparePrices(reviewed, now),
  ];
}

function comparePinned(reviewed: Plan, now: Plan): PlanDifference[] {
  const differences: PlanDifference[] = [];
  for (const what of Object.keys(PINNED) as (keyof typeof PINNED)[]) {
    if (sameJson(reviewed[what], now[what])) continue;
    const text = `the ${PINNED[what]} changed: reviewed ${short(reviewed[what])}, now ${short(now[what])}`;
    differences.push({ what, text });
  }
  const values = upstreamDifferences(reviewed, now, value => showValue(value, 40));
  return [...differences, ...values.map(text => ({ what: 'upstream' as const, text }))];
}

function short(value: unknown): string {
  if (typeof value !== 'string') return cutText(plainText(canonical(value)), 120);
  return /^[0-9a-f]{40,64}$/.test(value) ? value.slice(0, 12) : plainText(value);
}

function compareChanges(reviewed: readonly Change[], now: readonly Change[]): PlanDifference[] {
  const before = new Map(reviewed.map(change => [change.key, change]));
  const after = new Map(now.map(change => [change.key, change]));
  const differences: PlanDifference[] = [];
  for (const key of sortedUnique([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(key), after.get(key)];
    if (a === undefined) differences.push({ what: 'change', key, text: `new: ${key} (${b?.why ?? ''})` });
    else if (b === undefined) differences.push({ what: 'change', key, text: `no longer planned: ${key}` });
    else differences.push(...compareChange(a, b));
  }
  const moved = differences.length === 0 && !sameJson([...before.keys()], [...after.keys()]);
  return moved ? [{ what: 'change', text: 'the order of the changes differs' }] : differences;
}

function compareChange(reviewed: Change, now: Change): PlanDifference[] {
  const { at: placeBefore, ...a } = reviewed;
  const { at: placeNow, ...b } = now;
  const { key } = now;
  if (sameJson(a, b)) {
    if (sameJson(placeBefore, placeNow)) return [];
    return [{ what: 'change', key, text: `${key} is written in another place, and is the same otherwise` }];
  }
  const members = sortedUnique([...Object.keys(a), ...Object.keys(b)]) as (keyof typeof a)[];
  const differing = members.filter(member => !sameJson(a[member], b[member]));
  const fields = differing.includes('fields') || differing.includes('after') ? specDifferences(reviewed, now) : [];
  const only = differing.every(member => member === 'observed');
  const detail = only
    ? 'its object was changed since the review'
    : fields.length > 0
      ? fields.join('; ')
      : `${differing.join(', ')} ${differing.length === 1 ? 'differs' : 'differ'}`;
  return [{ what: 'change', key, text: `${key}: ${detail}` }];
}

function specDifferences(reviewed: Change, now: Change): string[] {
  const paths = sortedUnique([...Object.keys(reviewed.after ?? {}), ...Object.keys(now.after ?? {})]);
  const hidden = new Set(
    [...reviewed.fields, ...now.fields].filter(field => isHidden(field.after)).map(field => field.path),
  );
  const rules = rulesOf(now.kind, undefined);
  return paths
    .filter(path => !sameJson(reviewed.after?.[path], now.after?.[path]))
    .map(path => {
      const name = plainText(path);
      if (hidden.has(path) || rules?.field(path).writeOnly === true) return `${name} differs`;
      return `${name} reviewed ${showValue(reviewed.after?.[path], 40)}, now ${showValue(now.after?.[path], 40)}`;
    });
}

function compareFindings(reviewed: Plan, now: Plan): PlanDifference[] {
  const texts = (plan: Plan) => plan.findings.map(({ level, what }) => `${level}: ${what}`);
  const before = new Set(texts(reviewed));
  const after = new Set(texts(now));
  const gone = [...before].filter(text => !after.has(text)).map(text => `no longer found: ${text}`);
  const come = [...after].filter(text => !before.has(text)).map(text => `found now: ${text}`);
  if (gone.length + come.length === 0 && !sameJson(reviewed.findings, now.findings))
    come.push('the findings read differently');
  return [...gone, ...come].sort(byText).map(text => ({ what: 'finding', text }));
}

function comparePrices(reviewed: Plan, now: Plan): PlanDifference[] {
  if (sameJson(reviewed.price, now.price)) return [];
  return [{ what: 'price', text: 'the price changed' }];
}
