import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { PassReport } from '../report.ts';
import type { ReviewContext } from './context.ts';

/** Most commits after a change that are asked whether a pull request ended there. Git hosts take up to a hundred into one. */
const STRETCH_COMMITS = 100;

/**
 * Commits of the base branch after the one applied last, and before this one, at which the folder of a workspace is in a
 * state of its own; oldest first. Of several with the same state it is the one that a pull request became: merged by
 * rebase, the change may stand in an earlier commit, which no host can name.
 */
export async function pendingBefore(
  ctx: ReviewContext,
  where: {
    readonly workspace: WorkspaceKey;
    readonly folder: string;
    readonly commit: Sha;
    /** Folders of the workspaces that it reads: what comes through them is a state of its own as well. */
    readonly upstream?: readonly string[];
  },
): Promise<readonly Sha[]> {
  const { git, ports } = ctx;
  const store = ports.openState({ remote: ctx.stateRemote, workspace: where.workspace });
  const older = (await store.read()).run?.commit ?? null;
  const stretches: Sha[][] = [];
  for (const commit of (await git.line({ older, newer: where.commit })) ?? []) {
    const parent = await git.parent(commit);
    if ((await stateOf(ctx, parent, where)) !== (await stateOf(ctx, commit, where))) stretches.push([]);
    stretches.at(-1)?.push(commit);
  }
  const ends = await Promise.all(stretches.map(stretch => endOf(ctx, stretch)));
  return ends.filter(commit => commit !== undefined && commit !== where.commit) as Sha[];
}

async function stateOf(
  { git }: ReviewContext,
  commit: Sha | null,
  { folder, upstream = [] }: { readonly folder: string; readonly upstream?: readonly string[] },
): Promise<string> {
  const trees = await Promise.all(
    [folder, ...upstream].map(prefix => (commit === null ? null : git.tree(commit, prefix))),
  );
  return trees.join(' ');
}

async function endOf(ctx: ReviewContext, stretch: readonly Sha[]): Promise<Sha | undefined> {
  for (const commit of stretch.slice(0, STRETCH_COMMITS)) {
    if ((await ctx.forge.pullsOf(commit)).length > 0) return commit;
  }
  return stretch[0];
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
