import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import type { World } from '../../schemas/world.ts';
import { admitAddress, admitBranch } from './address.ts';
import type { GitSource } from './port.ts';
import { branchHeads, isAncestor, parseRefs, resolveRevision, STATE_BRANCHES } from './revision.ts';
import { readSnapshot, workspaceFolders } from './snapshot.ts';

/** A bare mirror of a remote below `home`, made when it is not there. It holds branches and tags, never state branches. */
export async function openMirror(options: {
  readonly url: string;
  readonly home: string;
  readonly world: World;
  readonly git: Git;
}): Promise<GitSource> {
  const { url, root } = mirrorOf(options);
  const git = options.git;
  await git.ownBare(root);
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

/** Where the mirror of a remote is on this machine. */
export function mirrorOf(options: { readonly url: string; readonly home: string }): {
  readonly url: string;
  readonly root: string;
} {
  const url = admitAddress(options.url);
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 16);
  return { url, root: join(options.home, 'mirrors', `${digest}.git`) };
}

async function fetchMirror(git: Git, mirror: { url: string; root: string; world: World }): Promise<void> {
  await git.unlock(mirror.root, mirror.world);
  await git.network({
    directory: mirror.root,
    command: 'fetch',
    options: ['--quiet', '--prune', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
    remote: mirror.url,
    refs: ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*', `^refs/heads/${STATE_BRANCHES}*`],
  });
}
