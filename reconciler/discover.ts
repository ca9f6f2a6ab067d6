import type { GitSource } from '../platform/git/port.ts';
import { Fault } from '../schemas/fault.ts';
import type { Sha } from '../schemas/name.ts';
import { loadWorkspaceFile } from '../schemas/parse/workspace-file.ts';
import type { Target } from './target.ts';

/** Which workspaces of a repository are meant; everything when both are empty. */
export interface Selection {
  /** Folders or names. */
  readonly workspaces: readonly string[];
  readonly env: string | null;
}

/** Every workspace of a commit, once for each of its environments. A broken workspace file is passed on, so that its own pass reports it. */
export async function discover(
  source: GitSource,
  at: { readonly commit: Sha; readonly stateRemote: string; readonly follow: boolean },
  selection: Selection,
): Promise<readonly Target[]> {
  const folders = await source.workspaces(at.commit);
  const targets: Target[] = [];
  const names: string[] = [];
  for (const prefix of folders) {
    const file = await readFile(source, at.commit, prefix);
    names.push(file?.name ?? (prefix === '' ? '.' : prefix));
    if (
      selection.workspaces.length > 0 &&
      !selection.workspaces.some(wanted => wanted === prefix || wanted === file?.name)
    )
      continue;
    for (const env of file?.environments ?? [null]) {
      if (selection.env !== null && env !== null && env !== selection.env) continue;
      targets.push({ source, stateRemote: at.stateRemote, prefix, env, revision: at.commit, follow: at.follow });
    }
  }
  if (targets.length === 0) {
    const wanted = selection.workspaces.join(', ');
    throw new Fault('usage', {
      id: 'CLI-WORKSPACE',
      what:
        folders.length === 0
          ? `commit ${at.commit.slice(0, 12)} holds no workspace`
          : `there is no workspace ${wanted}`,
      why: folders.length === 0 ? 'a workspace is a folder with a workspace.yaml' : `known: ${names.join(', ')}`,
      fix: folders.length === 0 ? 'provisioning init' : 'name one of the known workspaces, or its folder',
    });
  }
  return targets;
}

async function readFile(
  source: GitSource,
  commit: Sha,
  prefix: string,
): Promise<ReturnType<typeof loadWorkspaceFile> | null> {
  try {
    const snapshot = await source.snapshot(commit, prefix);
    return loadWorkspaceFile(snapshot.files, prefix);
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid') return null;
    throw error;
  }
}
