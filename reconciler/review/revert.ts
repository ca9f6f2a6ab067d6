import { governingOf } from './plans.ts';
import type { ReviewContext, Scene } from './context.ts';

/**
 * Opens the pull request that takes a failed merge back, where the workspace asks for it, so that the files and the
 * world agree again. It is reviewed like any other.
 */
export async function revertFailed(ctx: ReviewContext, { pull, record }: Scene): Promise<void> {
  if (record.mergeCommit === null) return;
  const rules = await governingOf(ctx, record);
  if (!rules.some(one => one.revert)) return;
  const head = await ctx.source.head(ctx.branch);
  if (head === null) return;
  const title = `Revert #${pull.number}: its apply failed`;
  const commit = await ctx.git.revert({ commit: record.mergeCommit, onto: head, message: title });
  if (commit === null) return;
  const branch = `revert-${pull.number}-${record.mergeCommit.slice(0, 8)}`;
  if (!(await ctx.git.push(branch, commit))) return;
  const body = `#${pull.number} was merged and its apply failed. This takes its files back, so that they say again what is there.`;
  await ctx.forge.openPull({ branch, base: ctx.branch, title, body });
}
