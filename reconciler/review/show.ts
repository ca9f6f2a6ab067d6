import { renderReview } from '../../planner/render/review.ts';
import type { Pull, Remark } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewRecord, ReviewView } from '../../schemas/review.ts';
import type { ReviewContext, Scene } from './context.ts';
import { linksOf } from './links.ts';

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
  const { body, isCut } = renderReview(view, await linksOf(ctx, pull, view.head));
  const known = ownComment(remarks, view.pull);
  if (known !== null && known.body.trimEnd() === body.trimEnd()) return { remark: known, isCut };
  await ctx.ports.world.reach('comment.before');
  const remark = await ctx.forge.remark(view.pull, { id: known?.id ?? null, body });
  await ctx.ports.world.reach('comment.after');
  return { remark, isCut };
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
