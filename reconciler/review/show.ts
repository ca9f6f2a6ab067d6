import { renderCheck, renderCheckPages } from '../../planner/render/check.ts';
import { renderReview } from '../../planner/render/review.ts';
import type { Check, Pull, Remark } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewRecord, ReviewView } from '../../schemas/review.ts';
import type { ReviewContext, Scene } from './context.ts';

/** Name of the mark on the head commit of a pull request, and of the one on its merge. */
export const PLAN_CHECK = 'provisioning/plan';
/** Name of the mark on the commit that a pull request became. */
export const APPLY_CHECK = 'provisioning/apply';

/** First line of the one comment: it is found by this and by its author, whatever else was written. */
function marker(pull: number): string {
  return `<!-- provisioning:review ${pull} -->`;
}

/** Our own comment on a pull request. A comment of somebody else with the same marker is not ours. */
export function ownComment(remarks: readonly Remark[], pull: number): Remark | null {
  return remarks.find(remark => remark.isOwn && remark.body.startsWith(marker(pull))) ?? null;
}

/** Writes the one comment when it says something new. Returns it as the host has it, and which plans it could not hold. */
export async function writeComment(
  ctx: ReviewContext,
  view: ReviewView,
  { pull, remarks }: Pick<Scene, 'pull' | 'remarks'>,
): Promise<{ readonly remark: Remark; readonly isCut: readonly string[] }> {
  const { body, isCut } = renderReview(view, fileLinks(pull, view.head));
  const known = ownComment(remarks, view.pull);
  if (known !== null && known.body.trimEnd() === body.trimEnd()) return { remark: known, isCut };
  await ctx.ports.world.reach('comment.before');
  const remark = await ctx.forge.remark(view.pull, { id: known?.id ?? null, body });
  await ctx.ports.world.reach('comment.after');
  return { remark, isCut };
}

/** Leaves the mark on the planned commit, once for each thing it says. */
export async function markPlan(ctx: ReviewContext, view: ReviewView, remark: Remark, pull: Pull): Promise<void> {
  const isBad = view.stage === 'conflict' || view.workspaces.some(one => one.plan === null || hasErrors(one.plan));
  const isQuiet = view.workspaces.every(one => one.plan?.changes.length === 0);
  const state = isBad ? 'failure' : isQuiet ? 'neutral' : 'success';
  const links = fileLinks(pull, view.head);
  const check = {
    ...renderCheck(view, links),
    name: PLAN_CHECK,
    sha: view.head,
    state,
    url: linkTo(pull, remark),
  } as const;
  await mark(ctx, check);
  // What neither the comment nor the first check could hold stands in further checks, which never stand in the way.
  const pages = renderCheckPages(view, links).slice(1, MOST_PAGES);
  for (const [index, text] of pages.entries()) {
    const title = `page ${index + 2} of ${pages.length + 1}: ${check.title}`.slice(0, TITLE);
    await mark(ctx, {
      ...check,
      name: `${PLAN_CHECK} (${index + 2})`,
      state: 'neutral',
      title,
      summary: title,
      text,
      annotations: [],
      isPage: true,
    });
  }
}

/** Further checks that one plan may fill, and the length of the line of one. */
const MOST_PAGES = 20;
const TITLE = 140;

/** Leaves the mark on the commit that the pull request became. */
export async function markApply(
  ctx: ReviewContext,
  view: ReviewView,
  remark: Remark,
  more: { readonly pull: Pull; readonly sha: Sha },
): Promise<void> {
  const states = { applied: 'success', failed: 'failure', waiting: 'failure' } as const;
  const state = states[view.stage as keyof typeof states] ?? 'running';
  await mark(ctx, {
    ...renderCheck(view, fileLinks(more.pull, view.head)),
    name: APPLY_CHECK,
    sha: more.sha,
    state,
    url: linkTo(more.pull, remark),
  });
}

/** Concludes what a superseded commit was left with, so that nothing stays pending for ever. */
export async function sweep(ctx: ReviewContext, sha: Sha): Promise<void> {
  for (const known of await ctx.forge.checks(sha)) {
    if (known.state !== 'running') continue;
    const title = 'superseded by a newer commit';
    await ctx.forge.check({ ...EMPTY_CHECK, name: known.name, sha, state: 'cancelled', title });
  }
}

/** Says that work on a commit has begun. */
export async function markRunning(ctx: ReviewContext, name: string, sha: Sha): Promise<void> {
  await mark(ctx, { ...EMPTY_CHECK, name, sha, state: 'running', title: 'in progress' });
}

const EMPTY_CHECK = { summary: '', text: '', annotations: [], url: null } as const;

async function mark(ctx: ReviewContext, check: Check): Promise<void> {
  const known = (await ctx.forge.checks(check.sha)).find(one => one.name === check.name);
  if (known?.state === check.state && known.title === check.title) return;
  // What was concluded is not reopened: only a conclusion may replace it.
  if (known !== undefined && known.state !== 'running' && check.state === 'running') return;
  await ctx.ports.world.reach('check.before');
  await ctx.forge.check(check);
  await ctx.ports.world.reach('check.after');
}

/** Links to lines of the planned commit, where the pull request has a page that tells the address of the repository. */
export function fileLinks(pull: Pull, head: Sha): { readonly fileUrl?: (file: string, line: number) => string } {
  const repository = /^(https?:\/\/.+)\/pull\/\d+$/.exec(pull.url)?.[1];
  return repository === undefined ? {} : { fileUrl: (file, line) => `${repository}/blob/${head}/${file}#L${line}` };
}

function hasErrors(plan: { readonly findings: readonly { readonly level: string }[] }): boolean {
  return plan.findings.some(finding => finding.level === 'error');
}

export function linkTo(pull: Pull, remark: Remark): string {
  return `${pull.url}#issuecomment-${remark.id}`;
}

/** What is remembered of a pull request that nobody looked at before. */
export function freshRecord(pull: Pull, base: Sha): ReviewRecord {
  return {
    format: 1,
    pull: pull.number,
    head: pull.head.sha,
    base,
    merged: null,
    plans: [],
    comment: null,
    shownAt: null,
    fullFor: null,
    applyFor: null,
    excludes: [],
    allowDeletes: null,
    answers: [],
    readUpTo: null,
    isAfterMerge: false,
    mergeCommit: null,
    isClosed: false,
  };
}
