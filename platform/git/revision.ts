import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import { Sha } from '../../schemas/name.ts';
import { admitBranch } from './address.ts';

/** Branches that carry recorded state; no desired state is ever read from them. */
export const STATE_BRANCHES = 'provisioning/';

/** The commit that a revision names. A name that is both a branch and a tag is refused, because people and git would choose differently. */
export async function resolveRevision(git: Git, directory: string, revision: string): Promise<Sha> {
  if (/^HEAD(?:[~^]\d*)*$/.test(revision) || Sha.safeParse(revision).success) return commitOf(git, directory, revision);
  if (revision.startsWith('refs/')) {
    admitBranch(revision.slice('refs/'.length));
    return commitOf(git, directory, revision);
  }
  const name = admitBranch(revision);
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/remotes/origin/${name}`];
  const headers = await git.headers(directory, candidates);
  const found = candidates.filter((_, index) => headers[index] !== null);
  const [first, second] = found;
  if (first === undefined) {
    if (/^[0-9a-f]{7,39}$/.test(name)) return commitOf(git, directory, name);
    throw unknown(revision);
  }
  if (second?.startsWith('refs/tags/') === true) {
    throw new Fault('usage', {
      id: 'GIT-AMBIGUOUS',
      what: `${name} is both a branch and a tag`,
      fix: `say ${first} or ${second}`,
    });
  }
  return commitOf(git, directory, first);
}

async function commitOf(git: Git, directory: string, revision: string): Promise<Sha> {
  const [commit = null] = await git.headers(directory, [`${revision}^{commit}`]);
  if (commit === null) throw unknown(revision);
  return commit.oid;
}

function unknown(revision: string): Fault {
  return new Fault('usage', {
    id: 'GIT-REVISION',
    what: `the repository has no commit ${JSON.stringify(revision)}`,
    fix: 'name a commit, a branch or a tag that was pushed',
  });
}

/** Whether one commit is the other or an ancestor of it. */
export async function isAncestor(
  git: Git,
  directory: string,
  { older, newer }: { readonly older: Sha; readonly newer: Sha },
): Promise<boolean> {
  return (await git.run(['merge-base', '--is-ancestor', older, newer], { directory })).status === 0;
}

/** Parses the answer of `ls-remote` or `for-each-ref`: ref name to object id. */
export function parseRefs(stdout: Uint8Array): ReadonlyMap<string, Sha> {
  const refs = new Map<string, Sha>();
  for (const line of Buffer.from(stdout).toString('utf8').split('\n')) {
    const [oid, ref] = line.split('\t');
    if (oid !== undefined && ref !== undefined && !ref.endsWith('^{}')) refs.set(ref, oid);
  }
  return refs;
}

/** Branch heads among refs, without those that carry state. */
export function branchHeads(refs: ReadonlyMap<string, Sha>): ReadonlyMap<string, Sha> {
  const heads = new Map<string, Sha>();
  for (const [ref, oid] of refs) {
    const name = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : '';
    if (name !== '' && !name.startsWith(STATE_BRANCHES)) heads.set(name, oid);
  }
  return heads;
}
