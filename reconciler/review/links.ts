import type { Pull, Remark } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewContext } from './context.ts';

/** Addresses that a comment points to. */
export interface Links {
  readonly fileUrl?: (file: string, line: number) => string;
  /** The page with the checks, where those hold text. */
  readonly checksUrl?: string;
}

/** Links to lines of the planned commit and to its checks, where the pull request has a page that tells the address of the repository. */
export async function linksOf(ctx: ReviewContext, pull: Pull, head: Sha): Promise<Links> {
  const repository = /^(https?:\/\/.+)\/pull\/\d+$/.exec(pull.url)?.[1];
  if (repository === undefined) return {};
  const fileUrl = (file: string, line: number): string => `${repository}/blob/${head}/${file}#L${line}`;
  if (!(await ctx.forge.holdsText())) return { fileUrl };
  // After the merge the checks stand on the commit that the pull request became.
  const isMerged = pull.mergeCommit !== null;
  return { fileUrl, checksUrl: isMerged ? `${repository}/commit/${pull.mergeCommit}/checks` : `${pull.url}/checks` };
}

/** Address of a comment. */
export function linkTo(pull: Pull, remark: Remark): string {
  return `${pull.url}#issuecomment-${remark.id}`;
}
