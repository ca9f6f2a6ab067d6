import { blindSpots } from '../blind.ts';
import type { Change, Finding, Plan, Price, Risk } from '../../schemas/plan.ts';
import { plainText } from '../show.ts';

/** One change as people see it: a replacement is its two halves in one. */
export interface Line {
  readonly sign: '+' | '~' | '-' | '±' | '→' | '✕';
  readonly word: 'create' | 'update' | 'delete' | 'replace' | 'adopt' | 'forget';
  /** The change that tells the most: of a replacement the create. */
  readonly change: Change;
  /** Of a replacement the delete. */
  readonly old?: Change;
}

const SIGNS = {
  create: ['+', 'create'],
  update: ['~', 'update'],
  delete: ['-', 'delete'],
  adopt: ['→', 'adopt'],
  forget: ['✕', 'forget'],
} as const;

/** The changes in their order with the halves of each replacement on one line, where its first half comes. */
export function linesOf(plan: Plan): Line[] {
  const byKey = new Map(plan.changes.map(change => [change.key, change]));
  const successor = new Map<string, Change>();
  for (const change of plan.changes) if (change.replaces !== undefined) successor.set(change.replaces, change);
  const lines: Line[] = [];
  const told = new Set<string>();
  for (const change of plan.changes) {
    if (told.has(change.key)) continue;
    const create = change.replaces === undefined ? successor.get(change.key) : change;
    const old = create?.replaces === undefined ? undefined : byKey.get(create.replaces);
    if (create === undefined || old === undefined) {
      const [sign, word] = SIGNS[change.action];
      lines.push({ sign, word, change });
      continue;
    }
    told.add(create.key).add(old.key);
    lines.push({ sign: '±', word: 'replace', change: create, old });
  }
  return lines;
}

/** `2 to create, 1 to replace, 7 unchanged`; only what is not zero. */
export function countsText(counts: Plan['counts']): string {
  const parts = (['create', 'update', 'replace', 'delete', 'adopt', 'forget'] as const)
    .filter(name => counts[name] > 0)
    .map(name => `${grouped(counts[name])} to ${name}`);
  if (counts.unchanged > 0 || parts.length === 0) parts.push(`${grouped(counts.unchanged)} unchanged`);
  return parts.join(', ');
}

/** What a risk means to whoever is asked to approve it. */
export const RISK_TEXTS: { readonly [risk in Risk]: string } = {
  none: 'nothing real is touched',
  create: 'only new objects',
  'in-place': 'changed while running',
  restart: 'something restarts',
  replace: 'something is deleted and made anew',
  destroy: 'something is deleted for good',
  'data-loss': 'data is lost',
};

/** `EUR 41.20 -> 53.10 per month (+11.90)`; null when nothing is known. */
export function priceText(price: Price | null): string | null {
  if (price === null) return null;
  const { currency, before, after, unknown } = price;
  const rest =
    unknown.length === 0
      ? ''
      : `, without ${unknown.length === 1 ? '1 unknown price' : `${unknown.length} unknown prices`}`;
  const delta = after - before;
  if (delta === 0) return `${currency} ${money(after)} per month, unchanged${rest}`;
  return `${currency} ${money(before)} -> ${money(after)} per month (${delta > 0 ? '+' : '-'}${money(Math.abs(delta))})${rest}`;
}

/** An amount in 1/10,000 with two decimals, rounded half up, thousands apart. Whole numbers only. */
export function money(amount: number): string {
  const cents = Math.floor((Math.abs(amount) + 50) / 100);
  const whole = Math.floor(cents / 100);
  return `${amount < 0 ? '-' : ''}${grouped(whole)}.${String(cents % 100).padStart(2, '0')}`;
}

/** 12345 as 12,345. The locale of the machine plays no part. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

export interface Verdict {
  readonly sign: '✓' | '!' | '✗' | '…';
  readonly text: string;
  /** The next command, if there is one. */
  readonly next: string | null;
}

/** What the plan amounts to and what to do now. */
export function verdictOf(plan: Plan): Verdict {
  const errors = plan.findings.filter(finding => finding.level === 'error').length;
  const short = plan.digest.slice(0, 12);
  const unsure = blindSpots(plan.findings).length > 0;
  if (errors > 0) {
    const text = `cannot be applied: ${errors === 1 ? '1 error' : `${errors} errors`}`;
    return { sign: '✗', text, next: null };
  }
  if (plan.changes.length === 0) {
    if (plan.purpose === 'rollback') return { sign: '✓', text: 'nothing to take back', next: null };
    return unsure
      ? { sign: '…', text: 'nothing to change in what could be seen', next: null }
      : { sign: '✓', text: `in sync, ${countsText(plan.counts)}`, next: null };
  }
  if (plan.purpose === 'rollback')
    return { sign: '!', text: `rollback: ${countsText(plan.counts)}`, next: 'provisioning rollback' };
  return {
    sign: '!',
    text: countsText(plan.counts),
    next: `provisioning ${plan.options.destroy ? 'destroy' : 'apply'} --plan ${short}${options(plan)}`,
  };
}

/** The flags that this very plan needs, so that the command can be copied as it stands. */
function options({ options: { targets, excludes, allowDeletes } }: Plan): string {
  return [
    ...targets.map(address => ` --target ${address}`),
    ...excludes.map(address => ` --exclude ${address}`),
    ...(allowDeletes === null ? [] : [` --allow-deletes ${allowDeletes}`]),
  ].join('');
}

/** What deletions and replacements lose even if they are taken back, by address. */
export function lossesOf(plan: Plan): { readonly address: string; readonly loses: readonly string[] }[] {
  return plan.changes
    .filter(change => change.action === 'delete' && change.inverse.loses.length > 0 && change.risk !== 'none')
    .map(change => ({ address: change.address, loses: change.inverse.loses }));
}

export const FINDING_SIGNS: { readonly [level in Finding['level']]: string } = { error: '✗', warning: '!', note: 'i' };

/** `infra/web.yaml:12`, or nothing. */
export function placeText(at: Change['at']): string {
  return at === undefined ? '' : `${at.file}:${at.line}`;
}

/** The accounts of a plan: `demo`, or `hetzner (shop-prod)` where an account has a name of its own. */
export function accountsText(accounts: Plan['accounts']): string | null {
  if (accounts === undefined) return null;
  return Object.entries(accounts)
    .map(([provider, account]) => (provider === account ? provider : `${provider} (${plainText(account)})`))
    .join(', ');
}
