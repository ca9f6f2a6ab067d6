import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { PassReport } from '../report.ts';
import type { ReviewContext } from './context.ts';

/** Commits of the base branch after the one applied last, and before this one, that change the folder of a workspace. Oldest first. */
export async function pendingBefore(
  ctx: ReviewContext,
  where: { readonly workspace: WorkspaceKey; readonly folder: string; readonly commit: Sha },
): Promise<readonly Sha[]> {
  const { git, ports } = ctx;
  const store = ports.openState({ remote: ctx.stateRemote, workspace: where.workspace });
  const older = (await store.read()).run?.commit ?? null;
  const changed: Sha[] = [];
  for (const commit of (await git.line({ older, newer: where.commit })) ?? []) {
    if (commit === where.commit) continue;
    const parent = await git.parent(commit);
    const before = parent === null ? null : await git.tree(parent, where.folder);
    if (before !== (await git.tree(commit, where.folder))) changed.push(commit);
  }
  return changed;
}

/** The pull requests that these commits came from, sorted. */
export async function pullsBehind(ctx: ReviewContext, commits: readonly Sha[]): Promise<readonly number[]> {
  const numbers = new Set<number>();
  for (const commit of commits) for (const pull of await ctx.forge.pullsOf(commit)) numbers.add(pull.number);
  return [...numbers].sort((a, b) => a - b);
}

/** Pull requests that may have to tell what a pass left undone: those that the commits waiting for agreement came from. */
export async function pullsConcerned(ctx: ReviewContext, report: PassReport): Promise<readonly number[]> {
  const { workspace, folder, commit, status } = report;
  if (status !== 'waiting' || workspace === null || commit === null) return [];
  return pullsBehind(ctx, [...(await pendingBefore(ctx, { workspace, folder, commit })), commit]);
}
