import { asFault } from '../../schemas/fault.ts';
import type { Pull } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewRecord, ReviewView } from '../../schemas/review.ts';
import type { Target } from '../target.ts';
import { answerCommands } from './answer.ts';
import type { ReviewContext, Scene } from './context.ts';
import { affected, governing, planTarget, samePlans } from './plans.ts';
import { remember, show } from './publish.ts';
import { report } from './report.ts';
import { freshRecord, markRunning, PLAN_CHECK, sweep, writeComment } from './show.ts';
import { planTogether } from './together.ts';
import { viewOf } from './view.ts';

/**
 * Brings what a pull request shows into line with what is. Level-triggered: it may be called at any time, any number of
 * times, by any node; a call that finds everything said writes nothing. Returns what is shown, or null when the pull
 * request is none of ours.
 */
export async function syncPull(ctx: ReviewContext, number: number): Promise<ReviewView | null> {
  const pull = await ctx.forge.pull(number);
  if (pull === null || pull.base.branch !== ctx.branch) return null;
  const stored = await ctx.store.read(number);
  if (stored?.record.isClosed === true && pull.state !== 'open') return null;
  if (stored === null && pull.state === 'closed') return null;
  const remarks = await ctx.forge.remarks(number);
  const base = await ctx.source.head(ctx.branch);
  if (base === null) return null;
  await ctx.source.fetch();
  const scene: Scene = {
    pull,
    remarks,
    record: stored?.record ?? freshRecord(pull, base),
    version: stored?.version ?? null,
  };
  if (pull.state === 'open') return preview(ctx, scene, base);
  if (pull.state === 'closed') return close(ctx, scene, base);
  return scene.version === null || scene.record.head !== pull.head.sha ? late(ctx, scene) : report(ctx, scene);
}

/** It was merged before anybody looked at its last commit: its plan is shown now, and waits for somebody's word. Null when nothing of it is left to do. */
async function late(ctx: ReviewContext, scene: Scene): Promise<ReviewView | null> {
  const { mergeCommit } = scene.pull;
  const before = mergeCommit === null ? null : await ctx.git.parent(mergeCommit);
  if (mergeCommit === null || before === null) return null;
  const targets = await brought(ctx, scene.pull, { before, mergeCommit });
  const { comment, answers, readUpTo } = scene.record;
  const fresh = { ...freshRecord(scene.pull, before), comment, answers, readUpTo };
  const at = { base: before, merged: mergeCommit, targets };
  const { plans, downstream } = await plansOf(ctx, { ...scene, record: fresh }, at);
  const reasons = plans.map(one => ({ ...one, differences: ['it was merged before its plan was shown'] }));
  if (scene.version === null && reasons.every(({ plan }) => plan?.changes.length === 0)) return null;
  const record = { ...fresh, merged: mergeCommit, mergeCommit, plans: reasons, downstream, isAfterMerge: true };
  return report(ctx, await show(ctx, { ...scene, record }));
}

/**
 * Workspaces that a merged pull request changed. What it brought is told by its own commits: merged by rebase, its last
 * commit on the branch may hold only a part of it, or nothing.
 */
async function brought(
  ctx: ReviewContext,
  pull: Pull,
  { before, mergeCommit }: { readonly before: Sha; readonly mergeCommit: Sha },
): Promise<readonly Target[]> {
  const head = await ctx.git.fetchRef(pull.head.ref);
  const fork = head === pull.head.sha ? await ctx.git.fork({ onto: before, head }) : null;
  // Without its commits, for the branch is gone, only the last one on the base branch can tell.
  if (head === null || fork === null) return affected(ctx, { base: before, merged: mergeCommit });
  const own = new Set((await affected(ctx, { base: fork, merged: head })).map(target => target.prefix));
  const all = await affected(ctx, { base: fork, merged: mergeCommit });
  return all.filter(target => own.has(target.prefix));
}

/** Plans an open pull request as it would be merged now, and shows it. */
async function preview(ctx: ReviewContext, scene: Scene, base: Sha): Promise<ReviewView | null> {
  const { pull } = scene;
  const head = pull.head.sha;
  // The head may have moved on since the host was asked: the next round sees that.
  if ((await ctx.git.fetchRef(pull.head.ref)) !== head) return null;
  if (scene.record.head !== head) await sweep(ctx, scene.record.head);
  const merged = await ctx.git.merge({ onto: base, head });
  const targets = merged === null ? [] : await affected(ctx, { base, merged });
  if (targets.length === 0 && merged !== null && scene.version === null) return null;
  await markRunning(ctx, PLAN_CHECK, head);
  const answered = await answerCommands(ctx, { ...scene, record: { ...scene.record, head, base } }, scene.record);
  const { plans, downstream } = await plansOf(ctx, answered, { base, merged, targets });
  const isSame = answered.record.head === scene.record.head && samePlans(plans, scene.record.plans);
  const record: ReviewRecord = {
    ...answered.record,
    merged,
    plans,
    downstream,
    shownAt: isSame ? scene.record.shownAt : null,
    isAfterMerge: false,
    isClosed: false,
  };
  const next = await show(ctx, { ...answered, record });
  return viewOf(ctx, next, null);
}

async function plansOf(
  ctx: ReviewContext,
  scene: Scene,
  at: { readonly base: Sha; readonly merged: Sha | null; readonly targets: readonly Target[] },
): Promise<Pick<ReviewRecord, 'plans' | 'downstream'>> {
  const { pull, record } = scene;
  if (at.merged === null) return { plans: [], downstream: [] };
  const where = { merged: at.merged, changed: at.targets };
  const { plans, downstream } = await planTogether(ctx, where, async (target, together) => {
    const { trust } = await governing(ctx, at.base, target);
    const isFull = record.fullFor === pull.head.sha;
    const how = { trust, isFork: pull.head.isFork, isFull, record, together };
    return planTarget(ctx, target, how);
  });
  return { plans: [...plans], downstream: [...downstream] };
}

/** Says that nothing will be done, and forgets the pull request. */
async function close(ctx: ReviewContext, scene: Scene, base: Sha): Promise<ReviewView> {
  await sweep(ctx, scene.record.head);
  const closed: Scene = { ...scene, record: { ...scene.record, base } };
  const view = await viewOf(ctx, closed, null);
  await writeComment(ctx, view, scene);
  await remember(ctx, { ...closed, record: { ...closed.record, isClosed: true } });
  return view;
}

/** Looks after one pull request, whatever goes wrong with it: the others go on, and the next round tries again. */
export async function trySync(ctx: ReviewContext, number: number): Promise<ReviewView | 'failed' | null> {
  try {
    return await syncPull(ctx, number);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'bug') throw error;
    ctx.ports.log.write('warning', 'a pull request could not be looked after', {
      pull: number,
      what: fault.problems[0]?.what ?? fault.code,
    });
    return 'failed';
  }
}
