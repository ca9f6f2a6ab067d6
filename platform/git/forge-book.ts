import { z } from 'zod';
import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import { Sha } from '../../schemas/name.ts';
import { parseRefs } from './revision.ts';

/** One ref that holds everything people said about pull requests, where no Git host does. */
const BOOK_REF = 'refs/provisioning/forge';

const FILE = 'book.json';
const AUTHOR = 'Provisioning <provisioning@invalid> 0 +0000';

/** How often a change is tried when somebody else wrote at the same time. */
const TRIES = 8;

const Entry = z.strictObject({
  number: z.int(),
  title: z.string(),
  author: z.string(),
  state: z.enum(['open', 'closed', 'merged']),
  branch: z.string(),
  base: z.string(),
  /** Head at the merge; while it is open, the branch itself is asked. */
  head: Sha,
  mergeCommit: Sha.nullable(),
  labels: z.array(z.string()),
  labelEvents: z.array(z.strictObject({ label: z.string(), by: z.string(), at: z.int() })),
  reviews: z.array(
    z.strictObject({
      by: z.string(),
      verdict: z.enum(['approved', 'changes-requested', 'dismissed', 'commented']),
      sha: Sha,
      at: z.int(),
    }),
  ),
  updatedAt: z.int(),
});
export type Entry = z.infer<typeof Entry>;

export const Book = z.strictObject({
  format: z.literal(1),
  /** Time of the newest entry in milliseconds: every later one is later, whatever the clock of its writer says. */
  at: z.int(),
  next: z.int(),
  pulls: z.array(Entry),
  remarks: z.array(
    z.strictObject({
      id: z.string(),
      on: z.int(),
      by: z.string(),
      body: z.string(),
      at: z.int(),
      editedAt: z.int(),
      reaction: z.enum(['seen', 'done', 'refused']).nullable(),
    }),
  ),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      sha: Sha,
      state: z.enum(['running', 'success', 'neutral', 'failure', 'cancelled']),
      title: z.string(),
    }),
  ),
  issues: z.array(
    z.strictObject({
      number: z.int(),
      title: z.string(),
      body: z.string(),
      state: z.enum(['open', 'closed']),
      updatedAt: z.int(),
    }),
  ),
});
export type Book = z.infer<typeof Book>;

const EMPTY: Book = { format: 1, at: 0, next: 1, pulls: [], remarks: [], checks: [], issues: [] };

/** Whether a remote has pull requests of its own. */
export async function hasBook(
  git: Git,
  { root, url }: { readonly root: string; readonly url: string },
): Promise<boolean> {
  const answer = await git.network({ directory: root, command: 'ls-remote', remote: url, refs: [BOOK_REF] });
  return parseRefs(answer.stdout).size > 0;
}

/** The book of one remote, with the branches as they are now. */
export interface Shelf {
  read(): Promise<{ readonly book: Book; readonly heads: ReadonlyMap<string, Sha> }>;
  /** Changes the book by compare-and-swap; the change is made again on what another one wrote. `at` is later than everything in it. */
  change<T>(write: (book: Book, at: number) => T): Promise<T>;
}

export function openShelf(
  git: Git,
  options: { readonly root: string; readonly url: string; readonly now: () => number },
): Shelf {
  const { root: directory, url } = options;
  const refs = async (): Promise<ReadonlyMap<string, Sha>> => {
    const answer = await git.network({
      directory,
      command: 'ls-remote',
      remote: url,
      refs: [BOOK_REF, 'refs/heads/*'],
    });
    return parseRefs(answer.stdout);
  };
  const bookAt = async (version: Sha | undefined): Promise<Book> => {
    if (version === undefined) return structuredClone(EMPTY);
    let [file] = await git.objects(directory, [`${version}:${FILE}`]);
    if (file == null) {
      const keep = `+${BOOK_REF}:refs/reviews/book`;
      const opts = ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
      await git.network({ directory, command: 'fetch', options: opts, remote: url, refs: [keep] });
      [file] = await git.objects(directory, [`${version}:${FILE}`]);
    }
    return parsed(file?.bytes);
  };
  return {
    async read() {
      const known = await refs();
      return { book: await bookAt(known.get(BOOK_REF)), heads: known };
    },
    async change(write) {
      for (let turn = 0; turn < TRIES; turn += 1) {
        const version = (await refs()).get(BOOK_REF);
        const book = await bookAt(version);
        book.at = Math.max(book.at + 1, options.now());
        const result = write(book, book.at);
        if (await replace(git, options, { from: version, book })) return result;
      }
      throw new Fault('locked', {
        id: 'RV-BOOK',
        what: 'others write about pull requests all the time',
        fix: 'try again',
      });
    },
  };
}

function parsed(bytes: Uint8Array | undefined): Book {
  try {
    return Book.parse(JSON.parse(Buffer.from(bytes ?? []).toString('utf8')));
  } catch {
    throw new Fault('integrity', {
      id: 'RV-BOOK',
      what: `what ${BOOK_REF} holds cannot be read`,
      fix: `delete ${BOOK_REF}: branches and recorded state stay as they are, only the conversations are lost`,
    });
  }
}

async function replace(
  git: Git,
  { root: directory, url }: { readonly root: string; readonly url: string },
  { from, book }: { readonly from: Sha | undefined; readonly book: Book },
): Promise<boolean> {
  const blob = await git.text(['hash-object', '-w', '--stdin'], { directory, input: JSON.stringify(book) });
  const tree = await git.text(['mktree'], { directory, input: `100644 blob ${blob}\t${FILE}\n` });
  const text = `tree ${tree}\nauthor ${AUTHOR}\ncommitter ${AUTHOR}\n\nPull requests\n`;
  const to = await git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], { directory, input: text });
  const answer = await git.network({
    directory,
    command: 'push',
    options: ['--porcelain', '--no-verify', `--force-with-lease=${BOOK_REF}:${from ?? ''}`],
    remote: url,
    refs: [`${to}:${BOOK_REF}`],
  });
  return answer.status === 0;
}
