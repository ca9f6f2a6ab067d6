import { accountOf, type Hub } from './hub.ts';
import {
  accessOf,
  type Activity,
  type CheckRun,
  type Comment,
  type CommitStatus,
  type Issue,
  type IssueEvent,
  type PullIssue,
  type Reaction,
  type Repository,
  type Review,
  type App,
} from './model.ts';

/** GitHub's JSON for what the model holds. Only fields that a client reads; their names and types are GitHub's. */
export type Json = { readonly [field: string]: unknown };

export function userShape(hub: Hub, login: string): Json {
  const { id, kind } = accountOf(hub, login);
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${hub.url}/avatars/${id}`,
    url: `${apiUrl(hub)}/users/${login}`,
    html_url: `${hub.url}/${login}`,
    type: kind,
    site_admin: false,
  };
}

export function apiUrl(hub: Hub): string {
  return `${hub.url}/api/v3`;
}

export function repositoryUrl(hub: Hub, { fullName }: Repository): string {
  return `${apiUrl(hub)}/repos/${fullName}`;
}

export function repositoryShape(hub: Hub, repository: Repository, viewer: string | null = null): Json {
  const { id, name, fullName, owner, isPrivate, defaultBranch } = repository;
  const access = accessOf(repository, viewer);
  return {
    id,
    node_id: `R_${id}`,
    name,
    full_name: fullName,
    private: isPrivate,
    visibility: isPrivate ? 'private' : 'public',
    owner: userShape(hub, owner),
    html_url: `${hub.url}/${fullName}`,
    url: repositoryUrl(hub, repository),
    clone_url: `${hub.url}/${fullName}.git`,
    default_branch: defaultBranch,
    fork: repository.forkOf !== null,
    archived: false,
    disabled: false,
    allow_merge_commit: repository.methods.has('merge'),
    allow_squash_merge: repository.methods.has('squash'),
    allow_rebase_merge: repository.methods.has('rebase'),
    permissions: {
      admin: access === 'admin',
      maintain: access === 'admin' || access === 'maintain',
      push: ['admin', 'maintain', 'write'].includes(access),
      triage: !['none', 'read'].includes(access),
      pull: access !== 'none',
    },
    created_at: repository.createdAt,
    pushed_at: repository.activity[0]?.at ?? repository.createdAt,
    updated_at: repository.createdAt,
  };
}

function association(repository: Repository, login: string): string {
  if (login === repository.owner) return 'OWNER';
  return repository.access.has(login) ? 'COLLABORATOR' : 'NONE';
}

function labelShapes(labels: readonly string[]): readonly Json[] {
  return labels.map(name => labelShape(name));
}

export function labelShape(name: string): Json {
  return { name, color: 'ededed', default: false, description: null };
}

/** A pull request as lists show it. */
export function pullShape(hub: Hub, repository: Repository, issue: PullIssue): Json {
  const { pull, number } = issue;
  const head = hub.repositories.get(pull.headRepository);
  const owner = pull.headRepository.split('/')[0] ?? '';
  return {
    url: `${repositoryUrl(hub, repository)}/pulls/${number}`,
    id: issue.id,
    node_id: `PR_${issue.id}`,
    html_url: `${hub.url}/${repository.fullName}/pull/${number}`,
    diff_url: `${hub.url}/${repository.fullName}/pull/${number}.diff`,
    issue_url: `${repositoryUrl(hub, repository)}/issues/${number}`,
    comments_url: `${repositoryUrl(hub, repository)}/issues/${number}/comments`,
    statuses_url: `${repositoryUrl(hub, repository)}/statuses/${pull.headSha}`,
    number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: userShape(hub, issue.by),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? pull.trial?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: labelShapes(issue.labels),
    milestone: null,
    draft: pull.isDraft,
    head: {
      label: `${owner}:${pull.headBranch}`,
      ref: pull.headBranch,
      sha: pull.headSha,
      user: userShape(hub, owner),
      repo: head === undefined ? null : repositoryShape(hub, head),
    },
    base: {
      label: `${repository.owner}:${pull.baseBranch}`,
      ref: pull.baseBranch,
      sha: pull.baseSha,
      user: userShape(hub, repository.owner),
      repo: repositoryShape(hub, repository),
    },
    author_association: association(repository, issue.by),
    auto_merge: null,
    active_lock_reason: null,
  };
}

export function reviewShape(
  hub: Hub,
  of: { readonly repository: Repository; readonly number: number },
  review: Review,
): Json {
  const { repository, number } = of;
  const page = `${hub.url}/${repository.fullName}/pull/${number}`;
  return {
    id: review.id,
    node_id: `PRR_${review.id}`,
    user: userShape(hub, review.by),
    body: review.body,
    state: review.state,
    html_url: `${page}#pullrequestreview-${review.id}`,
    pull_request_url: `${repositoryUrl(hub, repository)}/pulls/${number}`,
    author_association: association(repository, review.by),
    commit_id: review.commit,
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
  };
}

export function commentShape(hub: Hub, repository: Repository, comment: Comment): Json {
  const isPull = repository.issues.some(({ number, pull }) => number === comment.number && pull !== null);
  const page = `${hub.url}/${repository.fullName}/${isPull ? 'pull' : 'issues'}/${comment.number}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${repositoryUrl(hub, repository)}/issues/comments/${comment.id}`,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(hub, repository)}/issues/${comment.number}`,
    user: userShape(hub, comment.by),
    body: comment.body,
    author_association: association(repository, comment.by),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    reactions: reactionCounts(comment.reactions),
  };
}

/** The contents that a reaction can have. */
export const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;

function reactionCounts(reactions: readonly Reaction[]): Json {
  const counts = REACTIONS.map(name => [name, reactions.filter(({ content }) => content === name).length] as const);
  return { total_count: reactions.length, ...Object.fromEntries(counts) };
}

export function reactionShape(hub: Hub, reaction: Reaction): Json {
  const { id, by, content, createdAt } = reaction;
  return { id, node_id: `REA_${id}`, user: userShape(hub, by), content, created_at: createdAt };
}

export function issueShape(hub: Hub, repository: Repository, issue: Issue): Json {
  const { number, pull } = issue;
  const html = `${hub.url}/${repository.fullName}/${pull === null ? 'issues' : 'pull'}/${number}`;
  const link = {
    url: `${repositoryUrl(hub, repository)}/pulls/${number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: pull?.merged?.at ?? null,
  };
  return {
    url: `${repositoryUrl(hub, repository)}/issues/${number}`,
    repository_url: repositoryUrl(hub, repository),
    comments_url: `${repositoryUrl(hub, repository)}/issues/${number}/comments`,
    events_url: `${repositoryUrl(hub, repository)}/issues/${number}/events`,
    html_url: html,
    id: issue.id,
    node_id: `I_${issue.id}`,
    number,
    title: issue.title,
    user: userShape(hub, issue.by),
    labels: labelShapes(issue.labels),
    state: issue.state,
    state_reason: null,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(repository, issue.by),
    body: issue.body,
    ...(pull === null ? {} : { draft: pull.isDraft, pull_request: link }),
  };
}

export function eventShape(hub: Hub, repository: Repository, event: IssueEvent): Json {
  return {
    id: event.id,
    node_id: `EV_${event.id}`,
    url: `${repositoryUrl(hub, repository)}/issues/events/${event.id}`,
    actor: userShape(hub, event.by),
    event: event.event,
    commit_id: event.commit,
    commit_url: event.commit === null ? null : `${repositoryUrl(hub, repository)}/commits/${event.commit}`,
    created_at: event.createdAt,
    performed_via_github_app: null,
    ...(event.label === null ? {} : { label: { name: event.label, color: 'ededed' } }),
  };
}

export function appShape(hub: Hub, app: App): Json {
  const { id, slug } = app;
  return {
    id,
    slug,
    node_id: `A_${id}`,
    name: slug,
    description: '',
    external_url: hub.url,
    html_url: `${hub.url}/apps/${slug}`,
    permissions: app.permissions,
    events: [],
    installations_count: 1,
  };
}

export function checkRunShape(hub: Hub, repository: Repository, run: CheckRun): Json {
  const url = `${repositoryUrl(hub, repository)}/check-runs/${run.id}`;
  const pulls = repository.issues.filter(({ pull, state }) => state === 'open' && pull?.headSha === run.sha);
  return {
    id: run.id,
    node_id: `CR_${run.id}`,
    name: run.name,
    head_sha: run.sha,
    external_id: run.externalId,
    url,
    html_url: `${hub.url}/${repository.fullName}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      ...run.output,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.app.id },
    app: appShape(hub, run.app),
    pull_requests: pulls.map(({ number, id }) => ({ id, number })),
  };
}

export function statusShape(hub: Hub, repository: Repository, status: CommitStatus): Json {
  return {
    url: `${repositoryUrl(hub, repository)}/statuses/${status.sha}`,
    id: status.id,
    node_id: `SC_${status.id}`,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: userShape(hub, status.by),
  };
}

export function activityShape(hub: Hub, activity: Activity): Json {
  return {
    id: activity.id,
    node_id: `RA_${activity.id}`,
    before: activity.before,
    after: activity.after,
    ref: activity.ref,
    timestamp: activity.at,
    activity_type: activity.kind,
    actor: userShape(hub, activity.by),
  };
}
