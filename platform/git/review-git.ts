import { randomUUID } from 'node:crypto';
import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import { Sha } from '../../schemas/name.ts';
import { admitBranch } from './address.ts';
import type { ReviewGit } from './port.ts';
import { isAncestor, parseRefs } from './revision.ts';

/** Longest line of first parents that is looked through. */
const LINE_COMMITS = 500;

/** The same for every commit made here, so that the same contents give the same commit on every machine. */
const AUTHOR = 'Provisioning <provisioning@invalid> 0 +0000';

/** Reviews on a bare mirror of our own. Objects made here stay here until a branch is pushed. */
export function reviewGit(git: Git, mirror: { readonly root: string; readonly url: string }): ReviewGit {
  const directory = mirror.root;
  const call = { directory };
  const written = async (tree: Sha, parents: readonly Sha[], message: string): Promise<Sha> => {
    const lines = [`tree ${tree}`, ...parents.map(parent => `parent ${parent}`)];
    const text = `${[...lines, `author ${AUTHOR}`, `committer ${AUTHOR}`].join('\n')}\n\n${message}\n`;
    return git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], { directory, input: text });
  };
  const named = async (name: string): Promise<Sha | null> => {
    const answer = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', name], call);
    const text = Buffer.from(answer.stdout).toString('utf8').trim();
    return answer.status === 0 && Sha.safeParse(text).success ? text : null;
  };
  return {
    fetchRef: ref => fetchRef(git, mirror, ref),
    async merge({ onto, head }) {
      if (await isAncestor(git, directory, { older: head, newer: onto })) return onto;
      if (await isAncestor(git, directory, { older: onto, newer: head })) return head;
      const tree = await mergedTree(git, directory, [onto, head]);
      return tree === null ? null : written(tree, [onto, head], `Merge ${head.slice(0, 12)}`);
    },
    async mergeCommit({ onto, head, message }) {
      const tree = await mergedTree(git, directory, [onto, head]);
      return tree === null ? null : written(tree, [onto, head], message);
    },
    async fork({ onto, head }) {
      const answer = await git.run(['merge-base', '--end-of-options', onto, head], call);
      const text = Buffer.from(answer.stdout).toString('utf8').trim();
      return answer.status === 0 && Sha.safeParse(text).success ? text : null;
    },
    tree: (commit, prefix) => named(`${commit}${prefix === '' ? '^{tree}' : `:${prefix}`}`),
    parent: commit => named(`${commit}^1`),
    async line({ older, newer }) {
      if (older === newer) return [];
      const args = ['rev-list', '--first-parent', `--max-count=${LINE_COMMITS + 1}`, newer, '--'];
      const commits = (await git.text(args, call)).split('\n').filter(text => text !== '');
      if (older === null) return commits.slice(0, LINE_COMMITS).reverse();
      const end = commits.indexOf(older);
      return end < 0 ? null : commits.slice(0, end).reverse();
    },
    commit: write => commitWith(git, directory, write),
    async revert({ commit, onto, message }) {
      // Three commits with no history but each other make the reverted commit the common ancestor.
      const [undone, now, before] = (
        await git.text(['rev-parse', ...[commit, onto, `${commit}^1`].map(name => `${name}^{tree}`)], call)
      ).split('\n') as [Sha, Sha, Sha];
      const root = await written(undone, [], 'undone');
      const tree = await mergedTree(git, directory, [
        await written(now, [root], 'now'),
        await written(before, [root], 'before'),
      ]);
      return tree === null ? null : written(tree, [onto], message);
    },
    push: (branch, commit) => push(git, mirror, { branch, commit }),
  };
}

async function fetchRef(git: Git, mirror: { root: string; url: string }, ref: string): Promise<Sha | null> {
  const name = `refs/${admitBranch(ref.replace(/^refs\//, ''))}`;
  const listed = await git.network({
    directory: mirror.root,
    command: 'ls-remote',
    remote: mirror.url,
    refs: [name],
  });
  const sha = parseRefs(listed.stdout).get(name);
  if (sha === undefined) return null;
  const [known = null] = await git.headers(mirror.root, [`${sha}^{commit}`]);
  if (known !== null) return sha;
  await git.network({
    directory: mirror.root,
    command: 'fetch',
    options: ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
    remote: mirror.url,
    refs: [`+${name}:refs/reviews/${sha}`],
  });
  return sha;
}

/** The tree of a three-way merge; null when there are conflicts. Needs git 2.38. */
async function mergedTree(git: Git, directory: string, args: readonly string[]): Promise<Sha | null> {
  const answer = await git.run(
    ['merge-tree', '--write-tree', '--no-messages', '--allow-unrelated-histories', ...args],
    {
      directory,
    },
  );
  const tree = Buffer.from(answer.stdout).toString('utf8').split('\n')[0] ?? '';
  if (answer.status === 0 && Sha.safeParse(tree).success) return tree;
  if (answer.status === 1) return null;
  throw new Fault('unavailable', {
    id: 'GIT-MERGE',
    what: 'git could not merge the pull request with its target branch',
    why: 'merging without a working tree needs git 2.38 or newer',
    fix: 'update git, then try again',
  });
}

/** A commit that writes files, made by `fast-import`: no index, no working tree. */
async function commitWith(
  git: Git,
  directory: string,
  write: { readonly onto: Sha; readonly files: ReadonlyMap<string, Uint8Array>; readonly message: string },
): Promise<Sha> {
  const ref = `refs/reviews/made-${randomUUID()}`;
  const parts: (string | Uint8Array)[] = [`commit ${ref}\ncommitter ${AUTHOR}\n`, ...block(write.message)];
  parts.push(`from ${write.onto}\n`);
  for (const [path, bytes] of write.files) parts.push(`M 100644 inline ${JSON.stringify(path)}\n`, ...block(bytes));
  const input = Buffer.concat([...parts, 'done\n'].map(part => Buffer.from(part)));
  try {
    await git.text(['fast-import', '--quiet', '--done', '--date-format=raw'], { directory, input });
    return await git.text(['rev-parse', '--verify', ref], { directory });
  } finally {
    await git.run(['update-ref', '-d', ref], { directory });
  }
}

function block(content: string | Uint8Array): (string | Uint8Array)[] {
  const bytes = Buffer.from(content);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

async function push(
  git: Git,
  mirror: { root: string; url: string },
  { branch, commit }: { readonly branch: string; readonly commit: Sha },
): Promise<boolean> {
  const ref = `refs/heads/${admitBranch(branch)}`;
  const answer = await git.network({
    directory: mirror.root,
    command: 'push',
    options: ['--porcelain', `--force-with-lease=${ref}:`],
    remote: mirror.url,
    refs: [`${commit}:${ref}`],
  });
  if (answer.status === 0) return true;
  const listed = await git.network({ directory: mirror.root, command: 'ls-remote', remote: mirror.url, refs: [ref] });
  return parseRefs(listed.stdout).get(ref) === commit;
}
