import { Fault } from '../../schemas/fault.ts';
import type { Git, GitObject } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ChainEnd, CommitLog, StoredCommit } from './commit-log.ts';
import { apart, FETCHED, fetchChain } from './git-fetching.ts';
import type { Repository } from './repository.ts';

type Reading = Pick<CommitLog, 'look' | 'bring' | 'end' | 'commits' | 'root' | 'descends' | 'files' | 'texts'>;

export function gitReading(repository: Repository): Reading {
  const { git, directory, remote } = repository;
  const bring = async (commit: Sha): Promise<void> => {
    await repository.ready();
    if (await has(repository, commit)) return;
    await fetchChain(repository);
    if (await has(repository, commit)) return;
    const what = 'the state chain was rewritten while it was read';
    throw new Fault('unavailable', { id: 'ST-MOVED', what, fix: 'try again' });
  };
  return {
    async look(names) {
      await repository.ready();
      const answer = await git.network({ directory, command: 'ls-remote', remote, refs: names });
      return parseRefs(answer.stdout);
    },
    bring,
    async end(commit) {
      await repository.ready();
      const [here, former] = await git.headers(directory, [`${commit}^{commit}`, FETCHED]);
      // Where nothing of the chain is here yet, its end is read elsewhere: the whole of a long one takes several times as long.
      const end =
        here === null && former === null ? await apart(repository, commit, at => readEnd(git, at, commit)) : null;
      if (end !== null) return end;
      await bring(commit);
      return readEnd(git, directory, commit);
    },
    commits: (from, { limit }) => readCommits(git, directory, from, limit),
    async root(commit) {
      const oid = await git.text(['rev-list', '--max-parents=0', commit], { directory });
      const [root] = await readCommits(git, directory, oid, 1);
      if (root === undefined) throw damaged(commit);
      return root;
    },
    async descends({ older, newer }) {
      return (await git.run(['merge-base', '--is-ancestor', older, newer], { directory })).status === 0;
    },
    files: commit => readFiles(git, directory, commit),
    async texts(wanted) {
      const names = wanted.map(({ commit, path }) => `${commit}:${path}`);
      const contents = await git.objects(directory, names);
      return contents.map((content, index) => (content === null ? null : textOf(content, names[index] ?? '')));
    },
  };
}

async function has({ git, directory, present }: Repository, commit: Sha): Promise<boolean> {
  if (present.has(commit)) return true;
  const [found = null] = await git.headers(directory, [`${commit}^{commit}`]);
  if (found !== null) present.add(commit);
  return found !== null;
}

function parseRefs(stdout: Uint8Array): ReadonlyMap<string, Sha> {
  const lines = Buffer.from(stdout).toString('utf8').split('\n');
  const rows = lines.map(line => line.split('\t')).filter(row => row.length === 2);
  return new Map(rows.map(([oid, ref]) => [ref ?? '', oid ?? '']));
}

async function readEnd(git: Git, directory: string, oid: Sha): Promise<ChainEnd> {
  const [[commit, parent = null], files] = await Promise.all([
    readCommits(git, directory, oid, 2),
    readFiles(git, directory, oid),
  ]);
  if (commit === undefined) throw damaged(oid);
  return { commit, parent, files };
}

async function readFiles(git: Git, directory: string, commit: Sha): Promise<ReadonlyMap<string, string>> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--format=%(objectname) %(path)', commit];
  const rows = (await git.text(args, { directory })).split('\0').filter(row => row !== '');
  const oids = rows.map(row => row.slice(0, 40));
  const contents = await git.objects(directory, oids);
  return new Map(rows.map((row, index) => [row.slice(41), textOf(contents[index], oids[index] ?? '')]));
}

async function readCommits(git: Git, directory: string, from: Sha, limit: number): Promise<readonly StoredCommit[]> {
  const most = limit < Number.MAX_SAFE_INTEGER ? [`--max-count=${limit}`] : [];
  const args = ['log', '-z', '--first-parent', '--format=%H%n%T%n%P%n%B', ...most, from, '--'];
  const answer = await git.run(args, { directory });
  if (answer.status !== 0) throw damaged(/\b[0-9a-f]{40}\b/.exec(answer.stderr)?.[0] ?? from);
  const records = Buffer.from(answer.stdout)
    .toString('utf8')
    .split('\0')
    .filter(record => record !== '');
  return records.map(record => {
    const [oid = '', tree = '', parents = '', ...message] = record.split('\n');
    const [parent = ''] = parents.split(' ');
    return { oid, tree, parent: parent === '' ? null : parent, message: message.join('\n') };
  });
}

function textOf(content: GitObject | null | undefined, oid: Sha): string {
  if (content?.type !== 'blob') throw damaged(oid);
  return Buffer.from(content.bytes).toString('utf8');
}

function damaged(oid: Sha): Fault {
  return new Fault('integrity', {
    id: 'ST-OBJECT',
    what: `object ${oid} of the state chain is missing or damaged`,
    fix: 'git fsck in the remote, restore the object, or provisioning state rebuild',
  });
}
