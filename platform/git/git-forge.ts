import { Fault } from '../../schemas/fault.ts';
import type { Forge, Pull, PullReview } from '../../schemas/forge.ts';
import type { Git } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import { type Book, type Entry, openShelf, type Shelf } from './forge-book.ts';
import type { ReviewGit } from './port.ts';

/** Login that this program speaks as. */
const OURS = 'provisioning';

/** What people do, where no Git host does it for them. Git knows nobody's name, so names are taken on trust: whoever may push is trusted. */
export interface PlainForge extends Forge {
  open(write: { readonly by: string; readonly branch: string; readonly title: string }): Promise<Pull>;
  judge(write: { readonly by: string; readonly pull: number; readonly verdict: PullReview['verdict'] }): Promise<void>;
  say(write: { readonly by: string; readonly pull: number; readonly body: string }): Promise<void>;
  /** Makes the merge commit and moves the base branch to it. Throws Fault `refused` when it conflicts or the base moved meanwhile. */
  merge(write: { readonly pull: number }): Promise<Sha>;
}

/** Pull requests with nothing but Git: the conversation is one small file on a ref of the repository. */
export function gitForge(
  git: Git,
  options: {
    readonly root: string;
    readonly url: string;
    readonly base: string;
    readonly now: () => number;
    readonly review: ReviewGit;
  },
): PlainForge {
  const shelf = openShelf(git, options);
  return { ...asking(shelf, options.base), ...telling(shelf, options.base), ...people(git, shelf, options) };
}

type Asking = Pick<
  Forge,
  | 'repository'
  | 'account'
  | 'defaultBranch'
  | 'openPulls'
  | 'pull'
  | 'pullsOf'
  | 'reviews'
  | 'labelEvents'
  | 'lastPush'
  | 'access'
  | 'remarks'
  | 'checks'
  | 'holdsText'
  | 'issue'
>;

function asking(shelf: Shelf, base: string): Asking {
  const pulls = async (): Promise<readonly Pull[]> => {
    const { book, heads } = await shelf.read();
    return book.pulls.map(entry => pullOf(entry, heads.get(`refs/heads/${entry.branch}`)));
  };
  return {
    repository: 'git',
    account: () => Promise.resolve(OURS),
    defaultBranch: () => Promise.resolve(base),
    openPulls: async () => (await pulls()).filter(({ state }) => state === 'open'),
    pull: async number => (await pulls()).find(pull => pull.number === number) ?? null,
    pullsOf: async commit => (await pulls()).filter(({ mergeCommit }) => mergeCommit === commit),
    async reviews(number) {
      const newest = new Map<string, PullReview>();
      for (const review of entryOf((await shelf.read()).book, number).reviews) newest.set(review.by, review);
      return [...newest.values()];
    },
    labelEvents: async number => entryOf((await shelf.read()).book, number).labelEvents,
    lastPush: () => Promise.resolve(null),
    access: () => Promise.resolve('write'),
    async remarks(number) {
      const { book } = await shelf.read();
      const found = book.remarks.filter(remark => remark.on === number);
      return found.map(({ id, by, body, at, editedAt }) => ({ id, by, body, at, editedAt, isOwn: by === OURS }));
    },
    checks: async sha =>
      (await shelf.read()).book.checks.filter(check => check.sha === sha).map(check => ({ ...check, digest: null })),
    holdsText: () => Promise.resolve(false),
    async issue(marker) {
      const found = (await shelf.read()).book.issues.find(({ body }) => body.includes(marker));
      return found === undefined ? null : { ...found, url: '' };
    },
  };
}

type Telling = Pick<Forge, 'remark' | 'react' | 'check' | 'openPull' | 'putIssue'>;

function telling(shelf: Shelf, base: string): Telling {
  return {
    remark: (on, { id, body }) => shelf.change((book, at) => write(book, { on, by: OURS, id, body, at })),
    react: (_number, id, reaction) =>
      shelf.change(book => {
        const found = book.remarks.find(remark => remark.id === id);
        if (found !== undefined) found.reaction = reaction;
      }),
    check: ({ name, sha, state, title }) =>
      shelf.change(book => {
        book.checks = [...book.checks.filter(one => one.name !== name || one.sha !== sha), { name, sha, state, title }];
      }),
    openPull: ({ branch, title }) => begin(shelf, { by: OURS, branch, title, base }),
    putIssue: ({ number, title, body, state }) =>
      shelf.change((book, at) => {
        const known = book.issues.find(issue => issue.number === number);
        if (known !== undefined) return { ...Object.assign(known, { title, body, state, updatedAt: at }), url: '' };
        const issue = { number: book.next, title, body, state, updatedAt: at };
        book.next += 1;
        book.issues.push(issue);
        return { ...issue, url: '' };
      }),
  };
}

type People = Pick<PlainForge, 'open' | 'judge' | 'say' | 'merge'>;

function people(
  git: Git,
  shelf: Shelf,
  options: { readonly root: string; readonly url: string; readonly base: string; readonly review: ReviewGit },
): People {
  return {
    open: what => begin(shelf, { ...what, base: options.base }),
    async judge({ by, pull, verdict }) {
      const { heads } = await shelf.read();
      await shelf.change((book, at) => {
        const entry = entryOf(book, pull);
        const sha = heads.get(`refs/heads/${entry.branch}`) ?? entry.head;
        entry.reviews.push({ by, verdict, sha, at });
        entry.updatedAt = at;
      });
    },
    async say({ by, pull, body }) {
      await shelf.change((book, at) => write(book, { on: pull, by, id: null, body, at }));
    },
    async merge({ pull }) {
      const { book, heads } = await shelf.read();
      const entry = entryOf(book, pull);
      const onto = heads.get(`refs/heads/${entry.base}`);
      const head = heads.get(`refs/heads/${entry.branch}`);
      if (entry.state !== 'open' || onto === undefined || head === undefined) throw unfit(pull, 'it is not open');
      await options.review.fetchRef(`refs/heads/${entry.base}`);
      await options.review.fetchRef(`refs/heads/${entry.branch}`);
      const merged = await options.review.mergeCommit({ onto, head, message: `Merge #${pull}: ${entry.title}` });
      if (merged === null) throw unfit(pull, 'it conflicts with its base branch');
      const ref = `refs/heads/${entry.base}`;
      const answer = await git.network({
        directory: options.root,
        command: 'push',
        options: ['--porcelain', `--force-with-lease=${ref}:${onto}`],
        remote: options.url,
        refs: [`${merged}:${ref}`],
      });
      if (answer.status !== 0) throw unfit(pull, 'the base branch moved at the same time');
      await shelf.change((now, at) =>
        Object.assign(entryOf(now, pull), { state: 'merged', head, mergeCommit: merged, updatedAt: at }),
      );
      return merged;
    },
  };
}

async function begin(
  shelf: Shelf,
  what: { readonly by: string; readonly branch: string; readonly title: string; readonly base: string },
): Promise<Pull> {
  const { heads } = await shelf.read();
  const head = heads.get(`refs/heads/${what.branch}`);
  if (head === undefined)
    throw new Fault('usage', { id: 'RV-BRANCH', what: `there is no branch ${what.branch}`, fix: 'push it first' });
  return shelf.change((book, at) => {
    const known = book.pulls.find(entry => entry.branch === what.branch && entry.state === 'open');
    if (known !== undefined) return pullOf(known, head);
    const { title, by: author, branch, base } = what;
    const empty = { labels: [], labelEvents: [], reviews: [], mergeCommit: null };
    const entry: Entry = {
      ...empty,
      number: book.next,
      title,
      author,
      state: 'open',
      branch,
      base,
      head,
      updatedAt: at,
    };
    book.next += 1;
    book.pulls.push(entry);
    return pullOf(entry, head);
  });
}

function write(
  book: Book,
  what: {
    readonly on: number;
    readonly by: string;
    readonly id: string | null;
    readonly body: string;
    readonly at: number;
  },
) {
  const { on, by, body, at } = what;
  const entry = book.pulls.find(({ number }) => number === on);
  if (entry !== undefined) entry.updatedAt = at;
  const known = book.remarks.find(({ id }) => id === what.id);
  if (known !== undefined) Object.assign(known, { body, editedAt: at });
  const remark = known ?? { id: String(book.remarks.length + 1), on, by, body, at, editedAt: at, reaction: null };
  if (known === undefined) book.remarks.push(remark);
  return { id: remark.id, by, body, at: remark.at, editedAt: at, isOwn: by === OURS };
}

function pullOf(entry: Entry, now: Sha | undefined): Pull {
  const { number, title, author, state, branch, base, mergeCommit, labels, updatedAt } = entry;
  const sha = state === 'open' ? (now ?? entry.head) : entry.head;
  return {
    number,
    title,
    url: `#${number}`,
    author,
    state,
    isDraft: false,
    head: { sha, ref: `refs/heads/${branch}`, branch, isFork: false },
    base: { branch: base },
    mergeCommit,
    labels,
    updatedAt,
  };
}

function entryOf(book: Book, number: number): Entry {
  const found = book.pulls.find(entry => entry.number === number);
  if (found === undefined) throw new Fault('usage', { id: 'RV-PULL', what: `there is no pull request ${number}` });
  return found;
}

function unfit(pull: number, why: string): Fault {
  return new Fault('refused', { id: 'RV-MERGE', what: `#${pull} cannot be merged: ${why}` });
}
