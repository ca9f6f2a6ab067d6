import { asFault } from '../../schemas/fault.ts';
import type { Pull } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Downstream, Orphaned, ReviewedPlan, ReviewRecord, ReviewView } from '../../schemas/review.ts';
import type { Target } from '../target.ts';
import { answerCommands } from './answer.ts';
import type { ReviewContext, Scene } from './context.ts';
import { isForgotten, readBefore } from './forgotten.ts';
import { markRunning, sweepHeads } from './marks.ts';
import { orphanedBy } from './orphaned.ts';
import { affected, governing, planTarget, samePlans } from './plans.ts';
import { remember, show } from './publish.ts';
import { report } from './report.ts';
import { freshRecord, writeComment } from './show.ts';
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
  if (stored === null && isForgotten(pull, remarks)) return null;
  const base = await ctx.source.head(ctx.branch);
  if (base === null) return null;
  await ctx.source.fetch();
  const scene: Scene = {
    pull,
    remarks,
    record: stored?.record ?? { ...freshRecord(pull, base), readUpTo: readBefore(remarks, number) },
    version: stored?.version ?? null,
  };
  if (pull.state === 'open') return preview(ctx, scene, base);
  if (pull.state === 'closed') return close(ctx, scene, base);
  return isShown(scene) ? report(ctx, scene) : late(ctx, scene);
}

/** Whether the plan of what was merged was made, so that there is something to report on. */
function isShown({ pull, record, version }: Scene): boolean {
  return version !== null && record.head === pull.head.sha && record.merged !== null;
}

/** It was merged before anybody looked at its last commit: its plan is shown now, and waits for somebody's word. Null when nothing of it is left to do. */
async function late(ctx: ReviewContext, scene: Scene): Promise<ReviewView | null> {
  const { mergeCommit } = scene.pull;
  await sweepHeads(ctx, scene, null);
  const before = mergeCommit === null ? null : await ctx.git.parent(mergeCommit);
  if (mergeCommit === null || before === null) return null;
  const targets = await brought(ctx, scene.pull, { before, mergeCommit });
  const { comment, answers, readUpTo } = scene.record;
  const fresh = { ...freshRecord(scene.pull, before), comment, answers, readUpTo };
  const at = { base: before, merged: mergeCommit, targets };
  const { plans, downstream, orphaned } = await plansOf(ctx, { ...scene, record: fresh }, at);
  const reasons = plans.map(one => ({ ...one, differences: ['it was merged before its plan was shown'] }));
  const isQuiet = reasons.every(({ plan }) => plan?.changes.length === 0) && orphaned.length === 0;
  if (scene.version === null && isQuiet) return null;
  const found = { plans: reasons, downstream, orphaned };
  const record = { ...fresh, ...found, merged: mergeCommit, mergeCommit, isAfterMerge: true };
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
  const merged = await ctx.git.merge({ onto: base, head });
  const targets = merged === null ? [] : await affected(ctx, { base, merged });
  const isOurs = targets.length > 0 || merged === null || scene.version !== null;
  if (!isOurs && (await orphanedBy(ctx, { base, merged, changed: [] })).length === 0) return null;
  const begun = await begin(ctx, scene);
  const answered = await answerCommands(ctx, { ...begun, record: { ...begun.record, head, base } }, begun.record);
  const found = await plansOf(ctx, answered, { base, merged, targets });
  const isSame = answered.record.head === scene.record.head && samePlans(found.plans, scene.record.plans);
  const record: ReviewRecord = {
    ...answered.record,
    merged,
    ...found,
    shownAt: isSame ? scene.record.shownAt : null,
    isAfterMerge: false,
    isClosed: false,
  };
  const next = await show(ctx, { ...answered, record });
  return viewOf(ctx, next, null);
}

/** Marks the head commit as being planned. That is remembered first: should this process die, somebody still concludes the mark. */
async function begin(ctx: ReviewContext, scene: Scene): Promise<Scene> {
  const { head } = scene.pull;
  await sweepHeads(ctx, scene, head.sha);
  const isKnown = scene.version !== null && (scene.record.head === head.sha || scene.record.begun === head.sha);
  const begun = isKnown ? scene : await remember(ctx, { ...scene, record: { ...scene.record, begun: head.sha } });
  await markRunning(ctx, head.sha);
  return begun;
}

/** What there is to say about what a pull request brings. */
interface Found {
  readonly plans: ReviewedPlan[];
  readonly downstream: Downstream[];
  readonly orphaned: Orphaned[];
}

async function plansOf(
  ctx: ReviewContext,
  scene: Scene,
  at: { readonly base: Sha; readonly merged: Sha | null; readonly targets: readonly Target[] },
): Promise<Found> {
  const { pull, record } = scene;
  if (at.merged === null) return { plans: [], downstream: [], orphaned: [] };
  const where = { merged: at.merged, changed: at.targets };
  const { plans, downstream } = await planTogether(ctx, where, async (target, together) => {
    const { trust } = await governing(ctx, at.base, target);
    const isFull = record.fullFor === pull.head.sha;
    const how = { trust, isFork: pull.head.isFork, isFull, record, together };
    return planTarget(ctx, target, how);
  });
  const orphaned = await orphanedBy(ctx, { base: at.base, merged: at.merged, changed: at.targets });
  return { plans: [...plans], downstream: [...downstream], orphaned: [...orphaned] };
}

/** Says that nothing will be done, and forgets the pull request. */
async function close(ctx: ReviewContext, scene: Scene, base: Sha): Promise<ReviewView> {
  await sweepHeads(ctx, scene, null);
  const closed: Scene = { ...scene, record: { ...scene.record, base } };
  const view = await viewOf(ctx, closed, null);
  await writeComment(ctx, view, scene);
  const closedAt = ctx.ports.world.clock.now();
  await remember(ctx, { ...closed, record: { ...closed.record, isClosed: true, closedAt } });
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
