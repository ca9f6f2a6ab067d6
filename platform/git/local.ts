import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { Git, GitAnswer } from '../../schemas/git.ts';
import { admitAddress, admitBranch } from './address.ts';
import { gitFault } from './failure.ts';
import { nativeGit } from './native.ts';
import type { GitSource } from './port.ts';
import { branchHeads, isAncestor, parseRefs, resolveRevision } from './revision.ts';
import { admitPrefix, readSnapshot, workspaceFolders } from './snapshot.ts';
import { readWorktree } from './worktree.ts';

/** A clone, linked worktree or bare repository on this machine, only read. Throws Fault `usage` when the folder is in none. */
export async function openLocal(options: { readonly dir: string }): Promise<GitSource> {
  await mustBeFolder(options.dir);
  const git = nativeGit();
  // Both at once: each is a process of its own.
  const asked = git.run(['config', '--local', '--get', 'remote.origin.url'], { directory: options.dir });
  asked.catch(() => undefined);
  const root = await topOf(git, options.dir);
  const refs = async (pattern: string) => {
    const format = '--format=%(objectname)%09%(refname)';
    return parseRefs(Buffer.from(await git.text(['for-each-ref', format, pattern], { directory: root })));
  };
  return {
    url: root,
    root,
    fetch: () => Promise.resolve(),
    branches: async () => branchHeads(await refs('refs/heads')),
    async head(branch) {
      const ref = `refs/heads/${admitBranch(branch)}`;
      return (await refs(ref)).get(ref) ?? null;
    },
    resolve: revision => resolveRevision(git, root, revision),
    isAncestor: commits => isAncestor(git, root, commits),
    snapshot: (commit, prefix) => readSnapshot(git, root, { commit, prefix }),
    workspaces: commit => workspaceFolders(git, root, commit),
    remoteUrl: async () => originOf(await asked, root),
    async dirty(prefix = '') {
      const args = [
        'status',
        '--porcelain=v1',
        '-z',
        '--untracked-files=all',
        '--no-renames',
        '--ignore-submodules=all',
      ];
      const below = admitPrefix(prefix);
      const status = await git.text([...args, '--', `:(literal)${below === '' ? '.' : below}`], { directory: root });
      const lines = status.split('\0').filter(line => line.length > 3);
      return lines.map(line => line.slice(3)).sort();
    },
    worktree: prefix => readWorktree(root, admitPrefix(prefix)),
  };
}

async function mustBeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return;
  const what = found === null ? `there is no folder ${path}` : `${path} is not a folder`;
  throw new Fault('usage', { id: 'GIT-NO-FOLDER', what, fix: 'give the folder of a workspace with -C' });
}

async function topOf(git: Git, directory: string): Promise<string> {
  const worktree = await git.run(['rev-parse', '--show-toplevel'], { directory });
  if (worktree.status === 0) return lineOf(worktree.stdout);
  if (/dubious ownership/.test(worktree.stderr)) throw gitFault(worktree.stderr, 'open the repository');
  const bare = await git.run(['rev-parse', '--absolute-git-dir'], { directory });
  if (bare.status === 0) return lineOf(bare.stdout);
  throw new Fault('usage', {
    id: 'GIT-NO-REPOSITORY',
    what: `${directory} is not in a Git repository`,
    fix: 'git init, or give the folder of a clone with -C',
  });
}

function originOf(answer: GitAnswer, root: string): string | null {
  const text = lineOf(answer.stdout);
  if (answer.status !== 0 || text === '') return null;
  const isRelative = /^\.{0,2}(?:\/|$)/.test(text) || (!text.includes(':') && !text.startsWith('/'));
  return admitAddress(isRelative ? resolve(root, text) : text);
}

function lineOf(stdout: Uint8Array): string {
  return Buffer.from(stdout).toString('utf8').replace(/\n$/, '');
}
