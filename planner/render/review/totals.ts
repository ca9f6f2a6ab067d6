import type { Plan, Price } from '../../../schemas/plan.ts';
import type { StepView, WorkspaceView } from '../../../schemas/review.ts';
import { byText } from '../../sort.ts';
import { type Downstream, downstreamOf, longestChain } from './reach.ts';

/** What all workspaces of a pull request amount to together. */
export interface Totals {
  readonly counts: Plan['counts'];
  readonly errors: number;
  /** One for each currency. */
  readonly prices: readonly Price[];
  readonly steps: number;
  readonly chain: number;
  /** Of each workspace where something is affected. */
  readonly downstream: readonly (Downstream & { readonly workspace: string })[];
  /** Changes without a way back to what was, and what they lose, by what they lose. */
  readonly losses: readonly Loss[];
  /** Workspaces whose files could not be planned. */
  readonly broken: number;
}

/** Sorts of losses, and objects of each, that the first screen names. */
export const LOSSES_SHOWN = 5;
export const LOST_NAMES_SHOWN = 6;

/** What is lost for good, and of which objects. */
export interface Loss {
  readonly what: string;
  readonly addresses: readonly string[];
}

/** Sums over all workspaces that were planned. */
export function totalsOf(workspaces: readonly WorkspaceView[]): Totals {
  const plans = workspaces.flatMap(({ plan }) => (plan === null ? [] : [plan]));
  const findings = plans.flatMap(plan => plan.findings);
  return {
    counts: countsOf(plans),
    errors: findings.filter(({ level }) => level === 'error').length,
    prices: pricesOf(plans),
    steps: plans.reduce((sum, plan) => sum + plan.changes.length, 0),
    chain: Math.max(0, ...plans.map(longestChain)),
    downstream: plans
      .map(plan => ({ ...downstreamOf(plan), workspace: plan.workspace }))
      .filter(({ names }) => names.length > 0),
    losses: lossGroups(plans),
    broken: workspaces.length - plans.length,
  };
}

function countsOf(plans: readonly Plan[]): Plan['counts'] {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, adopt: 0, forget: 0, unchanged: 0 };
  for (const plan of plans) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += plan.counts[name];
  }
  return counts;
}

function pricesOf(plans: readonly Plan[]): Price[] {
  const prices = new Map<string, Price>();
  for (const { price } of plans) {
    if (price === null) continue;
    const { currency } = price;
    const sum = prices.get(currency) ?? { currency, before: 0, after: 0, unknown: [] };
    prices.set(currency, {
      currency,
      before: sum.before + price.before,
      after: sum.after + price.after,
      unknown: [...sum.unknown, ...price.unknown],
    });
  }
  return [...prices.values()].sort((a, b) => byText(a.currency, b.currency));
}

/** What is lost even after a rollback, grouped, because a hundred servers lose the same. */
export function lossGroups(plans: readonly Plan[]): Loss[] {
  const groups = new Map<string, string[]>();
  for (const { workspace, changes } of plans) {
    for (const { action, address, inverse, risk } of changes) {
      if (action !== 'delete' || inverse.loses.length === 0 || risk === 'none') continue;
      const what = inverse.loses.join(', ');
      const names = groups.get(what) ?? [];
      names.push(plans.length === 1 ? address : `${workspace} ${address}`);
      groups.set(what, names);
    }
  }
  return [...groups].map(([what, addresses]) => ({ what, addresses }));
}

/** Steps of all runs by what became of them. */
export function stepCounts(workspaces: readonly WorkspaceView[]): { readonly [status in StepView['status']]: number } {
  const counts = { waiting: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  for (const { run } of workspaces) for (const { status } of run?.steps ?? []) counts[status] += 1;
  return counts;
}
