import type { Name, Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { Orphaned } from '../../schemas/review.ts';
import { workspaceKey } from '../../schemas/workspace.ts';
import { foldersOf, openNeighbours } from '../neighbours.ts';
import type { Target } from '../target.ts';
import type { ReviewContext } from './context.ts';

/**
 * Workspaces that are there before a merge and not after it, though they still hold objects: the folder, the environment
 * or the name went. Without files there is no plan, so nothing is deleted, and nobody looks after it any more. One that
 * merely moved to another folder is not among them. `changed`: what the merge leaves and changes.
 */
export async function orphanedBy(
  ctx: ReviewContext,
  at: { readonly base: Sha; readonly merged: Sha; readonly changed: readonly Target[] },
): Promise<readonly Orphaned[]> {
  const [before, after] = await Promise.all([ctx.source.workspaces(at.base), ctx.source.workspaces(at.merged)]);
  const kept = [...new Set(at.changed.map(({ prefix }) => prefix))];
  // Every other folder is as it was, and with it its name and its environments.
  const suspects = before.filter(folder => !after.includes(folder) || kept.includes(folder));
  if (suspects.length === 0) return [];
  const [former, now] = await Promise.all([workspacesIn(ctx, at.base, suspects), workspacesIn(ctx, at.merged, kept)]);
  const orphaned: Orphaned[] = [];
  for (const [workspace, folder] of former.folders) {
    // A workspace file that cannot be read may hold this very name; that it cannot be read is told where it is planned.
    if (now.folders.has(workspace) || now.broken.includes(folder)) continue;
    const { objects } = await ctx.ports.openState({ remote: ctx.stateRemote, workspace }).read();
    if (objects.size > 0) orphaned.push({ workspace, folder, objects: objects.size });
  }
  return orphaned;
}

async function workspacesIn(
  ctx: ReviewContext,
  commit: Sha,
  folders: readonly string[],
): Promise<{ readonly folders: ReadonlyMap<WorkspaceKey, string>; readonly broken: readonly string[] }> {
  const { files } = foldersOf(ctx.source, commit);
  const neighbours = openNeighbours(ctx.ports, { list: () => Promise.resolve(folders), files });
  const found = new Map<WorkspaceKey, string>();
  for (const { name, prefix, environments } of await neighbours.all())
    for (const env of environments)
      if (isSelected(ctx, { name, prefix, env })) found.set(workspaceKey(name, env), prefix);
  return { folders: found, broken: await neighbours.broken() };
}

function isSelected(
  { selection }: ReviewContext,
  one: { readonly name: Name; readonly prefix: string; readonly env: Name | null },
): boolean {
  const { workspaces, env } = selection;
  const isMeant = workspaces.length === 0 || workspaces.some(wanted => wanted === one.prefix || wanted === one.name);
  return isMeant && (env === null || one.env === null || one.env === env);
}
