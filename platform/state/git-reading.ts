import { Fault } from '../../schemas/fault.ts';
import type { Git, GitObject } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import type { CommitLog, StoredCommit } from './commit-log.ts';
import type { Repository } from './repository.ts';

type Reading = Pick<CommitLog, 'look' | 'bring' | 'commits' | 'root' | 'descends' | 'files' | 'texts'>;

export function gitReading(repository: Repository): Reading {
  const { git, directory, remote } = repository;
  return {
    async look(names) {
      await repository.ready();
      const answer = await git.network({ directory, command: 'ls-remote', remote, refs: names });
      return parseRefs(answer.stdout);
    },
    async bring(commit) {
      await repository.ready();
      if (await has(repository, commit)) return;
      await fetchChain(repository);
      if (await has(repository, commit)) return;
      const what = 'the state chain was rewritten while it was read';
      throw new Fault('unavailable', { id: 'ST-MOVED', what, fix: 'try again' });
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
    async files(commit) {
      const listing = await git.text(['ls-tree', '-r', '-z', '--full-tree', '--format=%(objectname) %(path)', commit], {
        directory,
      });
      const rows = listing.split('\0').filter(row => row !== '');
      const oids = rows.map(row => row.slice(0, 40));
      const contents = await git.objects(directory, oids);
      return new Map(rows.map((row, index) => [row.slice(41), textOf(contents[index], oids[index] ?? '')]));
    },
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

async function fetchChain({ git, directory, remote, refs, world }: Repository): Promise<void> {
  await git.unlock(directory, world);
  await git.network({
    directory,
    command: 'fetch',
    options: ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
    remote,
    refs: [`+${refs.state}:refs/fetched/state`, `+${refs.history('*')}:refs/fetched/history/*`],
  });
}

function parseRefs(stdout: Uint8Array): ReadonlyMap<string, Sha> {
  const lines = Buffer.from(stdout).toString('utf8').split('\n');
  const rows = lines.map(line => line.split('\t')).filter(row => row.length === 2);
  return new Map(rows.map(([oid, ref]) => [ref ?? '', oid ?? '']));
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
