import { Fault, type Problem } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import { type Candidate, isWorkspaceFile, pointerRefusals, READ_FOLDERS, refusals } from './admission.ts';
import { unreadable } from './objects.ts';
import type { Snapshot } from './port.ts';
import { parseTree, walkTrees, withSizes } from './raw-tree.ts';

/** Reads the workspace files of a commit: sizes, modes and names are judged before any content is read. */
export async function readSnapshot(
  git: Git,
  directory: string,
  at: { readonly commit: Sha; readonly prefix: string },
): Promise<Snapshot> {
  const tree = await folderTree(git, directory, at);
  const entries = await workspaceEntries(git, directory, tree);
  // Names and modes first: what they forbid may not even be a blob.
  judge(refusals(entries));
  const sized = await withSizes(git, directory, entries);
  judge(refusals(sized));
  const blobs = sized.filter(entry => entry.type === 'blob');
  const contents = await git.objects(
    directory,
    blobs.map(entry => entry.oid ?? ''),
  );
  const files = new Map<string, Uint8Array>();
  for (const [index, entry] of blobs.entries()) {
    const content = contents[index];
    if (content?.type !== 'blob') throw unreadable(entry.oid ?? '');
    files.set(entry.path, content.bytes);
  }
  judge(pointerRefusals(files));
  return { commit: at.commit, tree, files };
}

function judge(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Fault('invalid', problems);
}

async function folderTree(git: Git, directory: string, at: { commit: Sha; prefix: string }): Promise<Sha> {
  const prefix = admitPrefix(at.prefix);
  const [tree = null] = await git.headers(directory, [`${at.commit}:${prefix}`]);
  if (tree?.type === 'tree') return tree.oid;
  throw new Fault('invalid', {
    id: 'GIT-FOLDER',
    what: `commit ${at.commit.slice(0, 12)} has no folder ${prefix === '' ? 'at all' : JSON.stringify(prefix)}`,
    fix: 'commit the workspace folder, or name another one',
  });
}

async function workspaceEntries(git: Git, directory: string, tree: Sha): Promise<readonly Candidate[]> {
  const [root] = await git.objects(directory, [tree]);
  if (root?.type !== 'tree') throw unreadable(tree);
  const isFolder = (entry: Candidate): boolean => READ_FOLDERS.includes(entry.path);
  const top = parseTree(root.bytes, '').filter(entry => isFolder(entry) || isWorkspaceFile(entry.path));
  const folders = top.filter(entry => isFolder(entry) && entry.type === 'tree');
  return [...top, ...(await walkTrees(git, directory, folders))];
}

/** A folder inside the repository, without a way out of it; throws Fault `usage`. */
export function admitPrefix(prefix: string): string {
  const parts = prefix === '' ? [] : prefix.split('/');
  if (
    parts.every(part => part !== '' && part !== '.' && part !== '..' && !part.includes('\0') && !part.includes('\n'))
  ) {
    return prefix;
  }
  throw new Fault('usage', { id: 'GIT-PREFIX', what: 'a workspace folder must stay inside its repository' });
}

/** Folders of a commit that hold a workspace file, sorted. */
export async function workspaceFolders(git: Git, directory: string, commit: Sha): Promise<readonly string[]> {
  const listing = await git.text(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], { directory });
  const folders = new Set<string>();
  for (const path of listing.split('\0')) {
    const slash = path.lastIndexOf('/');
    if (isWorkspaceFile(path.slice(slash + 1))) folders.add(path.slice(0, Math.max(slash, 0)));
  }
  return [...folders].sort();
}
