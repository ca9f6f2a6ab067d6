import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import { ReviewRecord, type ReviewStore, type StoredReview } from '../../schemas/review.ts';
import { parseRefs } from './revision.ts';

/** Refs that remember reviews; they are no branches, so hosts neither show nor protect them as such. */
const REVIEWS = 'refs/provisioning/reviews/';

const FILE = 'review.json';
const AUTHOR = 'Provisioning <provisioning@invalid> 0 +0000';

/** Reviews as one small commit each on a ref of the state repository, replaced by compare-and-swap. */
export function reviewStore(git: Git, options: { readonly root: string; readonly url: string }): ReviewStore {
  const directory = options.root;
  const list = async (pattern: string): Promise<ReadonlyMap<string, Sha>> => {
    const answer = await git.network({ directory, command: 'ls-remote', remote: options.url, refs: [pattern] });
    return parseRefs(answer.stdout);
  };
  const recordIn = async ({ pull, version }: StoredReview): Promise<ReviewRecord> => {
    const [known] = await git.objects(directory, [`${version}:${FILE}`]);
    if (known == null) await bring(git, options, [pull]);
    const [file] = known == null ? await git.objects(directory, [`${version}:${FILE}`]) : [known];
    return parsed(file?.bytes, pull);
  };
  /** Every one that is there; without a record where it cannot be read. */
  const all = async (): Promise<readonly (StoredReview & { readonly record: ReviewRecord | null })[]> => {
    const refs = await list(`${REVIEWS}*`);
    const stored = [...refs]
      .map(([ref, version]) => ({ pull: Number(ref.slice(REVIEWS.length)), version }))
      .filter(({ pull }) => Number.isSafeInteger(pull));
    const known = await git.headers(
      directory,
      stored.map(({ version }) => `${version}:${FILE}`),
    );
    const missing = stored.filter((_, index) => known[index] == null).map(({ pull }) => pull);
    // One that another process forgets meanwhile makes this fail for all: then each is fetched when it is read.
    if (missing.length > 1) await bring(git, options, missing).catch(() => {});
    const found: (StoredReview & { readonly record: ReviewRecord | null })[] = [];
    for (const one of stored) found.push({ ...one, record: await recordIn(one).catch(() => null) });
    return found;
  };
  return {
    async read(pull) {
      const version = (await list(`${REVIEWS}${pull}`)).get(`${REVIEWS}${pull}`);
      return version === undefined ? null : { record: await recordIn({ pull, version }), version };
    },
    async write(record, version) {
      const blob = await git.text(['hash-object', '-w', '--stdin'], { directory, input: JSON.stringify(record) });
      const tree = await git.text(['mktree'], { directory, input: `100644 blob ${blob}\t${FILE}\n` });
      const lines = [`tree ${tree}`, `author ${AUTHOR}`, `committer ${AUTHOR}`];
      const text = `${lines.join('\n')}\n\nReview of pull request ${record.pull}\n`;
      const next = await git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], { directory, input: text });
      if (next !== version) await replace(git, { ...options, pull: record.pull, from: version, to: next });
      return next;
    },
    async open() {
      // One that cannot be read is looked at like any other, so that it is told of and the others go on.
      const open = (await all()).filter(({ record }) => record?.isClosed !== true);
      return open.map(({ pull }) => pull).sort((a, b) => a - b);
    },
    async closedBefore(timeMs) {
      const closed = (await all()).filter(({ record }) => record?.isClosed === true);
      const old = closed.filter(({ record }) => (record?.closedAt ?? Number.POSITIVE_INFINITY) < timeMs);
      return old.map(({ pull, version }) => ({ pull, version }));
    },
    forget: reviews => forget(git, options, reviews),
  };
}

/** Most records that one call of git is about: their names stand on its command line. */
const AT_ONCE = 200;

/** Each ref is deleted only while it still is what was read, whatever becomes of the others. */
async function forget(
  git: Git,
  { root, url }: { readonly root: string; readonly url: string },
  reviews: readonly StoredReview[],
): Promise<number> {
  const these = reviews.slice(0, AT_ONCE);
  if (these.length === 0) return 0;
  const leases = these.map(({ pull, version }) => `--force-with-lease=${REVIEWS}${pull}:${version}`);
  const answer = await git.network({
    directory: root,
    command: 'push',
    options: ['--porcelain', '--no-verify', ...leases],
    remote: url,
    refs: these.map(({ pull }) => `:${REVIEWS}${pull}`),
  });
  const lines = Buffer.from(answer.stdout).toString('utf8').split('\n');
  return lines.filter(line => line.startsWith('-\t')).length;
}

async function bring(
  git: Git,
  { root, url }: { readonly root: string; readonly url: string },
  pulls: readonly number[],
): Promise<void> {
  for (let from = 0; from < pulls.length; from += AT_ONCE) {
    await git.network({
      directory: root,
      command: 'fetch',
      options: ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
      remote: url,
      refs: pulls.slice(from, from + AT_ONCE).map(pull => `+${REVIEWS}${pull}:refs/reviews/record-${pull}`),
    });
  }
}

function parsed(bytes: Uint8Array | undefined, pull: number): ReviewRecord {
  try {
    return ReviewRecord.parse(JSON.parse(Buffer.from(bytes ?? []).toString('utf8')));
  } catch {
    throw new Fault('integrity', {
      id: 'RV-RECORD',
      what: `what was remembered of pull request ${pull} cannot be read`,
      fix: `delete the ref ${REVIEWS}${pull}: the pull request is then planned and shown again`,
    });
  }
}

async function replace(
  git: Git,
  what: {
    readonly root: string;
    readonly url: string;
    readonly pull: number;
    readonly from: Sha | null;
    readonly to: Sha;
  },
): Promise<void> {
  const ref = `${REVIEWS}${what.pull}`;
  const answer = await git.network({
    directory: what.root,
    command: 'push',
    options: ['--porcelain', '--no-verify', `--force-with-lease=${ref}:${what.from ?? ''}`],
    remote: what.url,
    refs: [`${what.to}:${ref}`],
  });
  if (answer.status === 0) return;
  const listed = await git.network({
    directory: what.root,
    command: 'ls-remote',
    remote: what.url,
    refs: [ref],
  });
  if (parseRefs(listed.stdout).get(ref) === what.to) return;
  throw new Fault('locked', {
    id: 'RV-MOVED',
    what: `another process is looking at pull request ${what.pull}`,
    fix: 'wait: it is looked at again with the next poll',
  });
}
