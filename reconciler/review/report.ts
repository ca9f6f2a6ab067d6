import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { ReviewRecord, ReviewView } from '../../schemas/review.ts';
import { answerCommands } from './answer.ts';
import type { ReviewContext, Scene } from './context.ts';
import { markApply, sweepHeads } from './marks.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { revertFailed } from './revert.ts';
import { writeComment } from './show.ts';
import { remember, show } from './publish.ts';
import { viewOf } from './view.ts';

/**
 * Reports what became of a merged pull request: in its own comment and on the commit it became. What there is to say is
 * read from the state chain, so a process that died between the merge and the report is made up for by any other.
 */
export async function report(ctx: ReviewContext, scene: Scene): Promise<ReviewView | null> {
  const { pull } = scene;
  const { mergeCommit } = pull;
  if (mergeCommit === null) return null;
  await sweepHeads(ctx, scene, null);
  const answered = await answerCommands(ctx, { ...scene, record: { ...scene.record, mergeCommit } }, scene.record);
  const outcomes = await outcomesOf(ctx, answered.record, mergeCommit);
  const changed = outcomes.some(({ now }) => now !== null);
  if (changed) return showAgain(ctx, answered, outcomes);
  const view = await viewOf(ctx, answered, outcomes);
  await ctx.ports.world.reach('report.before');
  const { remark } = await writeComment(ctx, view, scene);
  await markApply(ctx, view, remark, { pull, sha: mergeCommit });
  await ctx.ports.world.reach('report.after');
  // The newest run can still be taken back by command, so its pull request is looked at until another one follows.
  const isOver = view.stage === 'applied' && outcomes.every(({ run }) => run === null);
  if (view.stage === 'failed') await revertFailed(ctx, { ...answered, record: { ...answered.record, mergeCommit } });
  const end = isOver ? { isClosed: true, closedAt: ctx.ports.world.clock.now() } : { isClosed: false };
  const runs = reported(answered.record, outcomes);
  const record: ReviewRecord = { ...answered.record, comment: remark.id, runs, ...end };
  await remember(ctx, { ...answered, record });
  return view;
}

/** Every run that ended well so far, the newest of each workspace. */
function reported(record: ReviewRecord, outcomes: readonly Outcome[]): NonNullable<ReviewRecord['runs']> {
  const runs = new Map((record.runs ?? []).map(known => [known.workspace, known]));
  for (const [index, { status, run }] of outcomes.entries()) {
    const workspace = record.plans[index]?.workspace;
    if (workspace === undefined || run === null) continue;
    // One that was taken back, or ended otherwise, is no report of an apply any more.
    if (status === 'applied') runs.set(workspace, { workspace, run });
    else runs.delete(workspace);
  }
  return [...runs.values()];
}

async function outcomesOf(ctx: ReviewContext, record: ReviewRecord, mergeCommit: Sha): Promise<readonly Outcome[]> {
  const outcomes = new Map<WorkspaceKey, Outcome>();
  for (const reviewed of record.plans)
    outcomes.set(reviewed.workspace, await outcomeOf(ctx, record, { reviewed, mergeCommit, before: outcomes }));
  return [...outcomes.values()];
}

/** The plan of now is not the reviewed one: it is shown, and from then on somebody may agree to it. */
async function showAgain(ctx: ReviewContext, scene: Scene, outcomes: readonly Outcome[]): Promise<ReviewView> {
  const plans = scene.record.plans.map((plan, index) => outcomes[index]?.now ?? plan);
  const record: ReviewRecord = { ...scene.record, plans, isAfterMerge: true, shownAt: null };
  const differing = outcomes.map(
    outcome => ({ ...outcome, status: outcome.now === null ? outcome.status : 'waiting' }) as const,
  );
  const next = await show(ctx, { ...scene, record }, differing);
  const view = await viewOf(ctx, next, differing);
  const remark = next.remarks.find(one => one.id === next.record.comment);
  if (remark !== undefined && scene.pull.mergeCommit !== null)
    await markApply(ctx, view, remark, { pull: scene.pull, sha: scene.pull.mergeCommit });
  return view;
}
