import { renderReview } from '../../planner/render/review.ts';
import type { ReviewView } from '../../schemas/review.ts';
import type { ReviewContext } from './context.ts';
import { linksOf, linkTo } from './links.ts';
import { ownComment } from './show.ts';

/** Where the comment of a pull request is, and what it says, for who shows it somewhere else. */
export async function shownAs(
  ctx: ReviewContext,
  view: ReviewView,
): Promise<{ readonly commentUrl: string | null; readonly markdown: string }> {
  const [pull, remarks] = await Promise.all([ctx.forge.pull(view.pull), ctx.forge.remarks(view.pull)]);
  const own = ownComment(remarks, view.pull);
  return {
    commentUrl: pull === null || own === null ? null : linkTo(pull, own),
    markdown: renderReview(view, pull === null ? {} : await linksOf(ctx, pull, view.head)).body,
  };
}
