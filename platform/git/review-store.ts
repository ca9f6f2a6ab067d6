import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import { ReviewRecord, type ReviewStore } from '../../schemas/review.ts';
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
  return {
    async read(pull) {
      const version = (await list(`${REVIEWS}${pull}`)).get(`${REVIEWS}${pull}`);
      if (version === undefined) return null;
      const [known] = await git.objects(directory, [`${version}:${FILE}`]);
      if (known == null) await bring(git, { ...options, pull, version });
      const [file] = known == null ? await git.objects(directory, [`${version}:${FILE}`]) : [known];
      return { record: parsed(file?.bytes, pull), version };
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
      const refs = await list(`${REVIEWS}*`);
      const numbers = [...refs.keys()].map(ref => Number(ref.slice(REVIEWS.length))).filter(Number.isSafeInteger);
      const open: number[] = [];
      // One that cannot be read is looked at like any other, so that it is told of and the others go on.
      for (const pull of numbers) {
        const stored = await this.read(pull).catch(() => null);
        if (stored?.record.isClosed !== true) open.push(pull);
      }
      return open.sort((a, b) => a - b);
    },
  };
}

async function bring(
  git: Git,
  what: { readonly root: string; readonly url: string; readonly pull: number; readonly version: Sha },
): Promise<void> {
  await git.network({
    directory: what.root,
    command: 'fetch',
    options: ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
    remote: what.url,
    refs: [`+${REVIEWS}${what.pull}:refs/reviews/record-${what.pull}`],
  });
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
