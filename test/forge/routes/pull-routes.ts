import { z } from 'zod';
import { git, resolve } from '../git.ts';
import { repositoryOf } from '../hub.ts';
import { mergePull } from '../merging.ts';
import { issueOf, type PullIssue, pullsOf, type Repository } from '../model.ts';
import { mergeProblems } from '../protection.ts';
import { emitPull, isPull, openPull, retarget, setState, tryMerge } from '../pulls.ts';
import { invalid, notFound } from '../refusal.ts';
import { pullShape, reviewShape, userShape } from '../shapes.ts';
import { addReview, checkBody, dismissReview } from '../talk.ts';
import { changedFiles } from '../differences.ts';
import { commitShapes } from '../commits.ts';
import { type Asked, many, one, route } from './route.ts';

const READ = { access: 'read', permission: 'pull_requests' } as const;
const WRITE = { access: 'write', permission: 'pull_requests' } as const;

/** The pull request that a path names. Throws Refusal 404. */
function pullAt({ repository, at }: Pick<Asked<unknown>, 'repository' | 'at'>): PullIssue {
  const issue = issueOf(repository, Number(at('number')));
  if (issue === undefined || !isPull(issue)) throw notFound();
  return issue;
}

const NewPull = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
});

const PullChange = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
});

const MergeWish = z
  .object({
    sha: z.string().optional(),
    merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
    commit_title: z.string().optional(),
    commit_message: z.string().optional(),
  })
  .nullish();

const NewReview = z.object({
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']).optional(),
  body: z.string().optional(),
  commit_id: z.string().optional(),
});

/** Pull requests and their reviews. */
export const pullRoutes = [
  route({
    ...READ,
    method: 'GET',
    path: '/pulls',
    run: asked => many(listed(asked).map(issue => pullShape(asked.hub, asked.repository, issue))),
  }),
  route({
    ...READ,
    method: 'POST',
    path: '/pulls',
    body: NewPull,
    async run({ hub, actor, repository, body }) {
      const [owner = '', branch] = body.head.includes(':') ? body.head.split(':') : [repository.owner, body.head];
      const headRepository = owner === repository.owner ? repository : forkOf(hub, repository, owner);
      checkBody('PullRequest', body.body ?? '');
      const issue = await openPull(hub, repository, {
        by: actor.login,
        headRepository,
        branch: branch ?? '',
        onto: body.base,
        title: body.title,
        body: body.body ?? null,
        isDraft: body.draft ?? false,
      });
      return one(await detail(hub, repository, issue, actor.login), 201);
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/pulls/:number',
    async run(asked) {
      const { hub, repository, actor } = asked;
      return one(await detail(hub, repository, pullAt(asked), actor.login));
    },
  }),
  route({
    ...READ,
    method: 'PATCH',
    path: '/pulls/:number',
    body: PullChange,
    async run(asked) {
      const { hub, repository, actor, body } = asked;
      const issue = pullAt(asked);
      const by = actor.login;
      checkBody('PullRequest', body.body ?? '');
      if (body.base !== undefined) await retarget(hub, repository, { issue, by, onto: body.base });
      if (body.title !== undefined || body.body !== undefined) {
        issue.title = body.title ?? issue.title;
        if (body.body !== undefined) issue.body = body.body;
        issue.updatedAt = hub.clock.tick();
        emitPull(hub, repository, { issue, by, action: 'edited' });
      }
      if (body.state !== undefined) setState(hub, repository, { issue, by, state: body.state });
      return one(await detail(hub, repository, issue, by));
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/pulls/:number/merge',
    run: asked => (pullAt(asked).pull.merged === null ? notMerged() : { status: 204 }),
  }),
  route({
    access: 'write',
    permission: 'contents',
    method: 'PUT',
    path: '/pulls/:number/merge',
    body: MergeWish,
    async run(asked) {
      const { hub, repository, actor, body } = asked;
      const sha = await mergePull(hub, repository, {
        issue: pullAt(asked),
        by: actor.login,
        method: body?.merge_method ?? 'merge',
        title: body?.commit_title,
        text: body?.commit_message,
        sha: body?.sha,
      });
      return one({ sha, merged: true, message: 'Pull Request successfully merged' });
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/pulls/:number/files',
    async run(asked) {
      const { hub, repository } = asked;
      return many(await changedFiles(hub, repository, pullAt(asked)));
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/pulls/:number/commits',
    async run(asked) {
      const { hub, repository } = asked;
      return many(await commitShapes(hub, repository, pullAt(asked).pull.commits));
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/pulls/:number/reviews',
    run(asked) {
      const { hub, repository, actor } = asked;
      const { pull, number } = pullAt(asked);
      const seen = pull.reviews.filter(({ state, by }) => state !== 'PENDING' || by === actor.login);
      return many(seen.map(review => reviewShape(hub, { repository, number }, review)));
    },
  }),
  route({
    ...READ,
    method: 'POST',
    path: '/pulls/:number/reviews',
    body: NewReview,
    async run(asked) {
      const { hub, repository, actor, body } = asked;
      const issue = pullAt(asked);
      const sha = await resolve(repository.path, body.commit_id ?? issue.pull.headSha);
      if (sha === null) throw invalid({ resource: 'PullRequestReview', field: 'commit_id', code: 'invalid' });
      const review = { issue, by: actor.login, word: body.event ?? null, body: body.body ?? '', sha };
      const { number } = issue;
      return one(reviewShape(hub, { repository, number }, addReview(hub, repository, review)));
    },
  }),
  route({
    ...WRITE,
    method: 'PUT',
    path: '/pulls/:number/reviews/:review/dismissals',
    body: z.object({ message: z.string().min(1), event: z.literal('DISMISS').optional() }),
    run(asked) {
      const { hub, repository, actor, at } = asked;
      const issue = pullAt(asked);
      const review = dismissReview(hub, repository, { issue, id: Number(at('review')), by: actor.login });
      return one(reviewShape(hub, { repository, number: issue.number }, review));
    },
  }),
];

function notMerged(): never {
  throw notFound();
}

function forkOf(hub: Asked<unknown>['hub'], repository: Repository, owner: string): Repository {
  const fork = [...hub.repositories.values()].find(one => one.forkOf === repository.fullName && one.owner === owner);
  if (fork === undefined) throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  return repositoryOf(hub, fork.fullName);
}

function listed({ repository, query }: Asked<unknown>): readonly PullIssue[] {
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const onto = query.get('base');
  const sort = query.get('sort') ?? 'created';
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc');
  const found = pullsOf(repository).filter(
    issue =>
      (state === 'all' || issue.state === state) &&
      (onto === null || issue.pull.baseBranch === onto) &&
      (head === null || head === `${issue.pull.headRepository.split('/')[0]}:${issue.pull.headBranch}`),
  );
  const field = sort === 'updated' ? 'updatedAt' : 'createdAt';
  const ordered = found.toSorted((a, b) => (a[field] < b[field] ? -1 : 1));
  return direction === 'asc' ? ordered : ordered.toReversed();
}

/** A pull request alone: with what GitHub only counts when one asks for it by number. */
async function detail(hub: Asked<unknown>['hub'], repository: Repository, issue: PullIssue, viewer: string) {
  await tryMerge(repository, issue);
  const { pull } = issue;
  const range = `${pull.baseSha}...${pull.headSha}`;
  const lines = (await git(repository.path, 'diff', '--numstat', range)).split('\n').filter(line => line !== '');
  const sum = (column: number): number =>
    lines.reduce((total, line) => total + (Number(line.split('\t')[column]) || 0), 0);
  const mergeable = issue.state === 'open' ? pull.trial?.sha != null : null;
  return {
    ...pullShape(hub, repository, issue),
    merged: pull.merged !== null,
    merged_by: pull.merged === null ? null : userShape(hub, pull.merged.by),
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeState(repository, issue, { mergeable, viewer }),
    comments: issue.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.commits.length,
    additions: sum(0),
    deletions: sum(1),
    changed_files: lines.length,
  };
}

function mergeState(
  repository: Repository,
  issue: PullIssue,
  { mergeable, viewer }: { readonly mergeable: boolean | null; readonly viewer: string },
): string {
  if (mergeable === null) return 'unknown';
  if (!mergeable) return 'dirty';
  if (issue.pull.isDraft) return 'draft';
  return mergeProblems(repository, issue, viewer).length > 0 ? 'blocked' : 'clean';
}
