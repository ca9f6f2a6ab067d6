import type { Sha } from '../../schemas/name.ts';
import { commitsBetween, commitTree, emailOf, git, type Signature, tryGit } from './git.ts';
import type { MergeMethod } from './model.ts';

/** The committer of what the forge itself writes. */
const WEB = 'web-flow';

export interface MergeAsked {
  /** Tip of the branch that takes the change. */
  readonly onto: Sha;
  readonly head: Sha;
  readonly method: MergeMethod;
  readonly title: string;
  readonly text: string;
  readonly by: Signature;
}

/** Makes the commits of a merge without moving a branch; null when files conflict. */
export async function mergeCommit(path: string, asked: MergeAsked): Promise<Sha | null> {
  if (asked.method === 'rebase') return rebased(path, asked);
  const tree = await mergedTree(path, asked.onto, asked.head);
  if (tree === null) return null;
  const message = asked.text === '' ? asked.title : `${asked.title}\n\n${asked.text}`;
  const parents = asked.method === 'merge' ? [asked.onto, asked.head] : [asked.onto];
  const committer = { name: WEB, at: asked.by.at };
  return commitTree(path, { tree, parents, message, author: asked.by, committer });
}

/** The tree that holds both sides; null when they conflict. */
async function mergedTree(path: string, ours: Sha, theirs: Sha): Promise<string | null> {
  const { code, text, errors } = await tryGit(path, {
    args: ['merge-tree', '--write-tree', '--no-messages', '--allow-unrelated-histories', ours, theirs],
  });
  if (code > 1 || code < 0) throw new Error(`git merge-tree: ${errors}`);
  return code === 0 ? (text.split('\n')[0] ?? null) : null;
}

/** Every commit is written anew, also where the base branch did not move: so does GitHub. */
async function rebased(path: string, { onto, head, by }: MergeAsked): Promise<Sha | null> {
  let tip = onto;
  for (const commit of await commitsBetween(path, onto, head)) {
    const [parents = '', name = '', email = '', at = '', ...message] = (
      await git(path, 'show', '-s', '--format=%P%n%an%n%ae%n%aI%n%B', commit)
    ).split('\n');
    if (parents.includes(' ')) continue;
    const tree = await pickedTree(path, { commit, parent: parents, onto: tip, by });
    if (tree === null) return null;
    tip = await commitTree(path, {
      tree,
      parents: [tip],
      message: message.join('\n').trimEnd(),
      author: { name, email, at },
      committer: { name: by.name, at: by.at },
    });
  }
  return tip;
}

/** Applies one commit elsewhere. A commit made for the purpose gives the merge the parent of the picked one as its base. */
async function pickedTree(
  path: string,
  pick: { readonly commit: Sha; readonly parent: Sha; readonly onto: Sha; readonly by: Signature },
): Promise<string | null> {
  const { commit, parent, onto, by } = pick;
  const tree = `${onto}^{tree}`;
  const ours = await commitTree(path, {
    tree: (await git(path, 'rev-parse', tree)).trim(),
    parents: [parent],
    message: 'picked onto this',
    author: { ...by, email: emailOf(by.name) },
    committer: by,
  });
  return mergedTree(path, ours, commit);
}
