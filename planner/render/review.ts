import { LIMITS } from '../../schemas/limits.ts';
import type { WorkspaceKey } from '../../schemas/name.ts';
import type { ReviewView } from '../../schemas/review.ts';
import { compose } from './review/composition.ts';
import type { FileUrl } from './review/places.ts';

/**
 * The one comment of a pull request, from the first plan to the report. Its first line names the pull request, and the
 * first screen decides. Never longer than `limit` characters (`LIMITS.commentCharacters` unless told): whole blocks are
 * left out, values first, then rows, then workspaces become lines, and the comment says so. `isCut` names the
 * workspaces whose plan is not complete in it: no basis for an approval by comment. `checksUrl`: where the rest stands.
 */
export function renderReview(
  view: ReviewView,
  options: { readonly limit?: number; readonly fileUrl?: FileUrl; readonly checksUrl?: string } = {},
): { readonly body: string; readonly isCut: readonly WorkspaceKey[] } {
  const marker = `<!-- provisioning:review ${view.pull} -->\n<!-- provisioning:stage ${view.stage} -->\n`;
  const limit = options.limit ?? LIMITS.commentCharacters;
  const { body, isCut } = compose(view, {
    limit,
    marker,
    fileUrl: options.fileUrl,
    checksUrl: options.checksUrl,
    measure,
  });
  return { body, isCut };
}

/** In UTF-16 units, of which there never are fewer than characters; each is three bytes at most, which also keeps below the host's limit in bytes. */
function measure(text: string): number {
  return text.length;
}
