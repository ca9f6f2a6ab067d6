import type { Sha } from '../../schemas/name.ts';
import { type Files, forkRepository, moveBranch, pushFiles } from './branches.ts';
import { commitShapes } from './commits.ts';
import { git, resolve, tryGit } from './git.ts';
import { accountOf, type Hub, person } from './hub.ts';
import { addStatus, appOf, createRun, type RunFields } from './marks.ts';
import { dequeue, enqueue, landQueue, mergePull } from './merging.ts';
import {
  type Access,
  accessOf,
  type Activity,
  type CheckRun,
  type Comment,
  type CommitStatus,
  type Issue,
  issueOf,
  type MergeMethod,
  type Protection,
  type PullIssue,
  type QueueEntry,
  reaches,
  type Repository,
} from './model.ts';
import { emitPull, isPull, openIssue, openPull, retarget, setLabel, setState } from './pulls.ts';
import { notFound, Refusal } from './refusal.ts';
import { addComment, addReview, commentOf, deleteComment, dismissReview, editComment, react } from './talk.ts';

type By = { readonly by: string };

/** A repository of the test forge in the hands of a test: what people do on the website, without HTTP. Refusals are thrown as `Refusal`. */
export interface TestRepository {
  /** `acme/infrastructure` */
  readonly name: string;
  /** Address without a credential. */
  readonly gitUrl: string;
  /** Folder of the bare repository. */
  readonly path: string;
  /** The state itself, to look at. */
  readonly state: Readonly<Repository>;

  grant(login: string, access: Access): void;
  /** Null takes the rules away. */
  protect(branch: string, rules: Protection | null): void;

  /** Commits files to a branch. A file that is null goes away; `force` replaces the newest commit, or what stands after `from`. */
  push(
    push: By & {
      readonly branch: string;
      readonly files: Files;
      readonly message?: string;
      readonly from?: string;
      readonly force?: boolean;
    },
  ): Promise<Sha>;
  /** Moves a branch to a commit that exists, or with null deletes it. */
  move(move: By & { readonly branch: string; readonly to: string | null }): Promise<void>;
  fork(fork: By): Promise<TestRepository>;
  /** The commit that a branch, reference or short name stands for; null when there is none. */
  tip(name: string): Promise<Sha | null>;
  /** Text of a file; null when it is not there. */
  file(name: string, path: string): Promise<string | null>;
  /** Messages and parents, newest first. */
  log(name: string): Promise<
    readonly {
      readonly sha: Sha;
      readonly parents: readonly Sha[];
      readonly subject: string;
      readonly author: string;
    }[]
  >;

  openPull(
    pull: By & {
      readonly branch: string;
      readonly from?: TestRepository;
      readonly onto?: string;
      readonly title?: string;
      readonly body?: string;
      readonly isDraft?: boolean;
    },
  ): Promise<number>;
  openIssue(issue: By & { readonly title: string; readonly body?: string }): Promise<number>;
  issue(number: number): Readonly<Issue>;
  pull(number: number): Readonly<PullIssue>;
  setDraft(number: number, change: By & { readonly isDraft: boolean }): Promise<void>;
  retarget(number: number, change: By & { readonly onto: string }): Promise<void>;
  close(number: number, by: By): Promise<void>;
  reopen(number: number, by: By): Promise<void>;
  label(number: number, change: By & { readonly label: string }): Promise<void>;
  unlabel(number: number, change: By & { readonly label: string }): Promise<void>;

  /** Of the head commit unless `sha` names another. Tells the id of the review. */
  review(
    number: number,
    review: By & {
      readonly verdict: 'approve' | 'request-changes' | 'comment';
      readonly sha?: Sha;
      readonly body?: string;
    },
  ): Promise<number>;
  dismiss(number: number, dismissal: By & { readonly review: number }): Promise<void>;
  /** Tells the id of the comment. */
  comment(number: number, comment: By & { readonly body: string }): Promise<number>;
  editComment(id: number, edit: By & { readonly body: string }): Promise<void>;
  deleteComment(id: number, by: By): Promise<void>;
  react(id: number, reaction: By & { readonly content: string }): Promise<void>;
  comments(number: number): readonly Comment[];

  /** Tells the commit that the pull request became. */
  merge(
    number: number,
    merge: By & { readonly method?: MergeMethod; readonly title?: string; readonly text?: string },
  ): Promise<Sha>;
  enqueue(number: number, wish: By & { readonly method?: MergeMethod }): Promise<QueueEntry>;
  /** Lets the first of the queue in. */
  land(number: number): Promise<Sha>;
  dequeue(number: number): Promise<void>;

  /** Writes a commit status, as another program does. */
  status(
    status: By & { readonly sha: Sha; readonly context: string; readonly state: CommitStatus['state'] },
  ): Promise<void>;
  /** Writes a check run, as another App does. */
  checkRun(run: By & { readonly sha: Sha; readonly name: string; readonly fields?: RunFields }): Promise<number>;
  /** Oldest first. */
  checks(sha: Sha): readonly CheckRun[];
  statuses(sha: Sha): readonly CommitStatus[];
  /** Newest first. */
  activity(branch: string): readonly Activity[];
}

/** Puts a repository into the hands of a test. */
export function testRepository(hub: Hub, repository: Repository): TestRepository {
  const { path, fullName } = repository;
  const issue = (number: number): Issue => {
    const found = issueOf(repository, number);
    if (found === undefined) throw notFound();
    return found;
  };
  const pull = (number: number): PullIssue => {
    const found = issue(number);
    if (!isPull(found)) throw notFound();
    return found;
  };
  /** One change at a time, by an account that exists. */
  const turn = <T>(by: string, run: () => T | Promise<T>): Promise<T> =>
    hub.lock(async () => {
      accountOf(hub, by);
      return run();
    });
  return {
    name: fullName,
    gitUrl: `${hub.url}/${fullName}.git`,
    path,
    state: repository,
    issue,
    pull,
    grant(login, access) {
      accountOf(hub, login);
      if (access === 'none') repository.access.delete(login);
      else repository.access.set(login, access);
    },
    protect(branch, rules) {
      if (rules === null) repository.protections.delete(branch);
      else repository.protections.set(branch, rules);
    },
    push: push => turn(push.by, () => pushFiles(hub, repository, push)),
    move: move => turn(move.by, () => moveBranch(hub, repository, move)),
    fork: ({ by }) => turn(by, async () => testRepository(hub, await forkRepository(hub, repository, by))),
    tip: name => resolve(path, name),
    async file(name, file) {
      const { code, text } = await tryGit(path, { args: ['cat-file', 'blob', `${name}:${file}`] });
      return code === 0 ? text : null;
    },
    async log(name) {
      const text = await git(path, 'log', '--format=%H%x09%P%x09%an%x09%s', name);
      return text
        .trimEnd()
        .split('\n')
        .map(line => {
          const [sha = '', parents = '', author = '', ...subject] = line.split('\t');
          return { sha, parents: parents.split(' ').filter(one => one !== ''), author, subject: subject.join('\t') };
        });
    },
    ...people({ hub, repository, issue, pull, turn }),
    ...merges({ hub, repository, pull, turn }),
    ...marks({ hub, repository, turn }),
  };
}

interface Hands {
  readonly hub: Hub;
  readonly repository: Repository;
  readonly issue: (number: number) => Issue;
  readonly pull: (number: number) => PullIssue;
  readonly turn: <T>(by: string, run: () => T | Promise<T>) => Promise<T>;
}

const WORDS = { approve: 'APPROVE', 'request-changes': 'REQUEST_CHANGES', comment: 'COMMENT' } as const;

function people({ hub, repository, issue, pull, turn }: Hands) {
  return {
    openPull: ({ by, branch, from, onto, title, body, isDraft }) =>
      turn(by, async () => {
        const headRepository = from === undefined ? repository : hub.repositories.get(from.name);
        if (headRepository === undefined) throw notFound();
        const opened = await openPull(hub, repository, {
          by,
          headRepository,
          branch,
          onto: onto ?? repository.defaultBranch,
          title: title ?? `Change ${branch}`,
          body: body ?? null,
          isDraft: isDraft ?? false,
        });
        return opened.number;
      }),
    openIssue: ({ by, title, body }) =>
      turn(by, () => {
        return openIssue(hub, repository, { by, title, body: body ?? null }).number;
      }),
    setDraft: (number, { by, isDraft }) =>
      turn(by, () => {
        const changed = pull(number);
        if (changed.pull.isDraft === isDraft) return;
        changed.pull.isDraft = isDraft;
        changed.updatedAt = hub.clock.tick();
        const action = isDraft ? 'converted_to_draft' : 'ready_for_review';
        emitPull(hub, repository, { issue: changed, by, action });
      }),
    retarget: (number, { by, onto }) => turn(by, () => retarget(hub, repository, { issue: pull(number), by, onto })),
    close: (number, { by }) => turn(by, () => setState(hub, repository, { issue: issue(number), by, state: 'closed' })),
    reopen: (number, { by }) => turn(by, () => setState(hub, repository, { issue: issue(number), by, state: 'open' })),
    label: (number, { by, label }) =>
      turn(by, () => setLabel(hub, repository, { issue: issue(number), by, label, isOn: true })),
    unlabel: (number, { by, label }) =>
      turn(by, () => setLabel(hub, repository, { issue: issue(number), by, label, isOn: false })),
    review: (number, { by, verdict, sha, body }) =>
      turn(by, () => {
        const of = pull(number);
        const text = body ?? (verdict === 'approve' ? '' : verdict);
        const word = WORDS[verdict];
        return addReview(hub, repository, { issue: of, by, word, body: text, sha: sha ?? of.pull.headSha }).id;
      }),
    dismiss: (number, { by, review }) =>
      turn(by, () => void dismissReview(hub, repository, { issue: pull(number), id: review, by })),
    comment: (number, { by, body }) =>
      turn(by, () => addComment(hub, repository, { issue: issue(number), by, body }).id),
    editComment: (id, { by, body }) => turn(by, () => void editComment(hub, repository, { id, by, body })),
    deleteComment: (id, { by }) => turn(by, () => deleteComment(hub, repository, { id, by })),
    react: (id, { by, content }) => turn(by, () => void react(hub, commentOf(repository, id), { by, content })),
    comments: number => issue(number).comments,
  } satisfies Partial<TestRepository>;
}

function merges({ hub, repository, pull, turn }: Omit<Hands, 'issue'>) {
  const checkWriter = (by: string): void => {
    const isAllowed = person(hub, by).app !== null || reaches(accessOf(repository, by), 'write');
    if (!isAllowed) throw new Refusal(403, 'Must have push access to repository');
  };
  return {
    merge: (number, { by, method, title, text }) =>
      turn(by, () => {
        checkWriter(by);
        return mergePull(hub, repository, { issue: pull(number), by, method: method ?? 'merge', title, text });
      }),
    enqueue: (number, { by, method }) =>
      turn(by, () => {
        checkWriter(by);
        return enqueue(hub, repository, { issue: pull(number), by, method: method ?? 'merge' });
      }),
    land: number => hub.lock(() => landQueue(hub, repository, pull(number))),
    dequeue: number => hub.lock(() => dequeue(hub, repository, number)),
  } satisfies Partial<TestRepository>;
}

function marks({ hub, repository, turn }: Omit<Hands, 'issue' | 'pull'>) {
  return {
    status: ({ by, sha, context, state }) =>
      turn(by, () => void addStatus(hub, repository, { by, sha, context, state, description: null, targetUrl: null })),
    checkRun: ({ by, sha, name, fields }) =>
      turn(by, async () => {
        if ((await commitShapes(hub, repository, [sha])).length === 0) throw new Refusal(422, 'no such commit');
        return createRun(hub, repository, { app: appOf(person(hub, by)), name, sha, fields: fields ?? {} }).id;
      }),
    checks: sha => repository.checks.filter(run => run.sha === sha),
    statuses: sha => repository.statuses.filter(status => status.sha === sha),
    activity: branch => repository.activity.filter(({ ref }) => ref === `refs/heads/${branch}`),
  } satisfies Partial<TestRepository>;
}
