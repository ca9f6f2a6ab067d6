import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import type { World } from '../../schemas/world.ts';
import { admitAddress, admitBranch } from './address.ts';
import { OWN_SETTINGS } from './environment.ts';
import { settleLocks } from './locks.ts';
import { nativeGit } from './native.ts';
import type { GitSource } from './port.ts';
import { branchHeads, isAncestor, parseRefs, resolveRevision, STATE_BRANCHES } from './revision.ts';
import { readSnapshot, workspaceFolders } from './snapshot.ts';

/** A bare mirror of a remote below `home`, made when it is not there. It holds branches and tags, never state branches. */
export async function openMirror(options: {
  readonly url: string;
  readonly home: string;
  readonly world: World;
}): Promise<GitSource> {
  const url = admitAddress(options.url);
  const git = nativeGit();
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
  const root = join(options.home, 'mirrors', `${digest}.git`);
  await createBare(git, root);
  const refs = async (...patterns: string[]) => {
    const answer = await git.network({ directory: root, command: 'ls-remote', remote: url, refs: patterns });
    return parseRefs(answer.stdout);
  };
  return {
    url,
    root,
    fetch: () => fetchMirror(git, { url, root, world: options.world }),
    branches: async () => branchHeads(await refs('refs/heads/*')),
    async head(branch) {
      const ref = `refs/heads/${admitBranch(branch)}`;
      return (await refs(ref)).get(ref) ?? null;
    },
    async resolve(revision) {
      if (revision !== 'HEAD') return resolveRevision(git, root, revision);
      const head = (await refs('HEAD')).get('HEAD');
      return resolveRevision(git, root, head ?? 'HEAD');
    },
    isAncestor: commits => isAncestor(git, root, commits),
    snapshot: (commit, prefix) => readSnapshot(git, root, { commit, prefix }),
    workspaces: commit => workspaceFolders(git, root, commit),
    remoteUrl: () => Promise.resolve(url),
    dirty: () => Promise.resolve([]),
    worktree() {
      return Promise.reject(new Fault('usage', { id: 'GIT-BARE', what: 'a mirror has no working tree' }));
    },
  };
}

async function fetchMirror(git: Git, mirror: { url: string; root: string; world: World }): Promise<void> {
  await settleLocks(mirror.root, mirror.world);
  await git.network({
    directory: mirror.root,
    command: 'fetch',
    options: ['--quiet', '--prune', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
    remote: mirror.url,
    refs: ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', `^refs/heads/${STATE_BRANCHES}*`],
  });
}

/** Makes a bare repository with our settings; another process may do the same at the same time. */
async function createBare(git: Git, root: string): Promise<void> {
  if (await exists(join(root, 'HEAD'))) return;
  const parent = join(root, '..');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(join(parent, 'new-'));
  await git.text(['init', '--quiet', '--bare', '--template=', '.'], { directory: fresh });
  for (const [name, value] of Object.entries(OWN_SETTINGS))
    await git.text(['config', name, value], { directory: fresh });
  try {
    await rename(fresh, root);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(join(root, 'HEAD')))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
