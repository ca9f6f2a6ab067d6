import { digestOf } from '../../planner/digest.ts';
import { renderCheck, renderCheckPages } from '../../planner/render/check.ts';
import type { Check, KnownCheck, Pull, Remark } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewView } from '../../schemas/review.ts';
import type { ReviewContext, Scene } from './context.ts';
import { linksOf, linkTo } from './links.ts';

/** Name of the mark on the head commit of a pull request. */
export const PLAN_CHECK = 'provisioning/plan';
/** Name of the mark on the commit that a pull request became. */
const APPLY_CHECK = 'provisioning/apply';

/** Checks that one plan may fill, and the length of the line of one. */
const MOST_PAGES = 20;
const TITLE = 140;

const EMPTY_CHECK = { summary: '', text: '', annotations: [], url: null } as const;

/** Leaves the mark on the planned commit, once for each thing it says. */
export async function markPlan(ctx: ReviewContext, view: ReviewView, remark: Remark, pull: Pull): Promise<void> {
  const isBad = view.stage === 'conflict' || view.workspaces.some(one => one.plan === null || hasErrors(one.plan));
  const isQuiet = view.workspaces.every(one => one.plan?.changes.length === 0);
  const state = isBad ? 'failure' : isQuiet ? 'neutral' : 'success';
  await put(ctx, view, { pull, remark, name: PLAN_CHECK, sha: view.head, state });
}

/** Leaves the mark on the commit that the pull request became. */
export async function markApply(
  ctx: ReviewContext,
  view: ReviewView,
  remark: Remark,
  more: { readonly pull: Pull; readonly sha: Sha },
): Promise<void> {
  const states = { applied: 'success', failed: 'failure', waiting: 'failure' } as const;
  const state = states[view.stage as keyof typeof states] ?? 'running';
  await put(ctx, view, { ...more, remark, name: APPLY_CHECK, state });
}

/** Concludes whatever the head commits of a pull request were left with, but for one, so that nothing stays pending for ever. */
export async function sweepHeads(ctx: ReviewContext, { pull, record }: Scene, but: Sha | null): Promise<void> {
  for (const sha of new Set([record.head, record.begun ?? record.head, pull.head.sha]))
    if (sha !== but) await sweep(ctx, sha);
}

async function sweep(ctx: ReviewContext, sha: Sha): Promise<void> {
  for (const known of await ctx.forge.checks(sha)) {
    // Merged by a plain push, the head is the commit that the pull request became, and its apply may be under way.
    if (known.name !== PLAN_CHECK || known.state !== 'running') continue;
    const title = 'superseded by a newer commit';
    await ctx.forge.check({ ...EMPTY_CHECK, name: PLAN_CHECK, sha, state: 'cancelled', title });
  }
}

/** Says that the planning of a commit has begun. */
export async function markRunning(ctx: ReviewContext, sha: Sha): Promise<void> {
  const check = { ...EMPTY_CHECK, name: PLAN_CHECK, sha, state: 'running', title: 'in progress' } as const;
  await mark(ctx, check, await ctx.forge.checks(sha));
}

/**
 * A check, and behind it further ones for what neither the comment nor the first one can hold. Those never stand in the
 * way of a merge, and those that an earlier plan of the same commit filled are emptied.
 */
async function put(
  ctx: ReviewContext,
  view: ReviewView,
  at: Pick<Check, 'name' | 'sha' | 'state'> & { readonly pull: Pull; readonly remark: Remark },
): Promise<void> {
  const { name, sha, state, pull, remark } = at;
  const links = await linksOf(ctx, pull, view.head);
  const known = await ctx.forge.checks(sha);
  const check: Check = { ...renderCheck(view, links), name, sha, state, url: linkTo(pull, remark) };
  await mark(ctx, check, known);
  const pages = (await ctx.forge.holdsText()) ? renderCheckPages(view, links).slice(1, MOST_PAGES) : [];
  for (const [index, text] of pages.entries()) {
    const title = `page ${index + 2} of ${pages.length + 1}: ${check.title}`.slice(0, TITLE);
    const page = { ...check, name: `${name} (${index + 2})`, state: 'neutral', title, summary: title, text } as const;
    await mark(ctx, { ...page, annotations: [] }, known);
  }
  for (const left of known) {
    if (pageOf(left.name, name) <= pages.length + 1) continue;
    const title = 'the plan of now does not need this page';
    await mark(ctx, { ...EMPTY_CHECK, name: left.name, sha, state: 'neutral', title }, known);
  }
}

/** Number of a further check of this name, `provisioning/plan (2)`; 0 for any other. */
function pageOf(known: string, name: string): number {
  const number = known.startsWith(`${name} (`) ? /^\((\d{1,3})\)$/.exec(known.slice(name.length + 1))?.[1] : undefined;
  return Number(number ?? 0);
}

/** `known`: what stands on the commit. */
async function mark(ctx: ReviewContext, check: Check, known: readonly KnownCheck[]): Promise<void> {
  const digest = digestOf(check);
  const before = known.find(one => one.name === check.name);
  const isSaid = before?.state === check.state && before.title === check.title;
  // Where the host keeps only the line, the line is all that can be compared.
  if (isSaid && (before.digest === null || before.digest === digest)) return;
  // What was concluded is not reopened: only a conclusion may replace it.
  if (before !== undefined && before.state !== 'running' && check.state === 'running') return;
  await ctx.ports.world.reach('check.before');
  await ctx.forge.check({ ...check, digest });
  await ctx.ports.world.reach('check.after');
}

function hasErrors(plan: { readonly findings: readonly { readonly level: string }[] }): boolean {
  return plan.findings.some(finding => finding.level === 'error');
}
