import type { Sha } from '../../schemas/name.ts';
import { commitsBetween, git, isAncestor } from './git.ts';
import { accountOf, type Hub } from './hub.ts';
import { mergeCommit } from './merges.ts';
import {
  type Issue,
  type IssueEvent,
  NO_SHA,
  type PullIssue,
  type PullPart,
  pullsOf,
  type Repository,
} from './model.ts';
import { invalid, Refusal } from './refusal.ts';
import { issueShape, pullShape, reviewShape, labelShape } from './shapes.ts';

export interface PullAsked {
  readonly by: string;
  readonly headRepository: Repository;
  readonly branch: string;
  readonly onto: string;
  readonly title: string;
  readonly body: string | null;
  readonly isDraft: boolean;
}

/** Opens a pull request. */
export async function openPull(hub: Hub, repository: Repository, asked: PullAsked): Promise<PullIssue> {
  const { headRepository, branch, onto } = asked;
  const head = headRepository.branches.get(branch);
  const tip = repository.branches.get(onto);
  if (head === undefined) throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  if (tip === undefined) throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const isSame = ({ state, pull }: PullIssue): boolean =>
    state === 'open' &&
    pull.headRepository === headRepository.fullName &&
    pull.headBranch === branch &&
    pull.baseBranch === onto;
  if (pullsOf(repository).some(isSame)) {
    const message = `A pull request already exists for ${headRepository.owner}:${branch}.`;
    throw invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  if (headRepository !== repository) await git(repository.path, 'fetch', '--quiet', headRepository.path, head);
  if (await isAncestor(repository.path, head, tip)) {
    const message = `No commits between ${onto} and ${branch}`;
    throw invalid({ resource: 'PullRequest', code: 'custom', message });
  }
  const pull: PullPart = {
    headRepository: headRepository.fullName,
    headBranch: branch,
    headSha: head,
    baseBranch: onto,
    baseSha: tip,
    isDraft: asked.isDraft,
    trial: null,
    commits: [],
    merged: null,
    reviews: [],
  };
  const issue: PullIssue = { ...newIssue(hub, repository, asked), pull };
  await showHead(repository, issue);
  repository.issues.push(issue);
  emitPull(hub, repository, { issue, by: asked.by, action: 'opened' });
  return issue;
}

/** Opens an issue. */
export function openIssue(hub: Hub, repository: Repository, asked: Parameters<typeof newIssue>[2]): Issue {
  const issue = newIssue(hub, repository, asked);
  repository.issues.push(issue);
  hub.emit('issues', { repository, by: asked.by }, () => ({
    action: 'opened',
    issue: issueShape(hub, repository, issue),
  }));
  return issue;
}

function newIssue(
  hub: Hub,
  repository: Repository,
  asked: { readonly by: string; readonly title: string; readonly body: string | null },
): Issue & { readonly pull: null } {
  const at = hub.clock.tick();
  return {
    id: hub.nextId(),
    number: repository.issues.length + 1,
    by: accountOf(hub, asked.by).login,
    title: asked.title,
    body: asked.body,
    state: 'open',
    labels: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    comments: [],
    events: [],
    pull: null,
  };
}

/** The head branch moved. */
export async function moveHead(
  hub: Hub,
  repository: Repository,
  moved: { readonly issue: PullIssue; readonly by: string; readonly to: Sha },
): Promise<void> {
  const { issue, by, to } = moved;
  const before = issue.pull.headSha;
  const from = hub.repositories.get(issue.pull.headRepository);
  if (from !== undefined && from !== repository) await git(repository.path, 'fetch', '--quiet', from.path, to);
  issue.pull.headSha = to;
  issue.pull.baseSha = repository.branches.get(issue.pull.baseBranch) ?? issue.pull.baseSha;
  issue.updatedAt = hub.clock.tick();
  await showHead(repository, issue);
  emitPull(hub, repository, { issue, by, action: 'synchronize', more: { before, after: to } });
  if (repository.protections.get(issue.pull.baseBranch)?.dismissStale !== true) return;
  for (const review of issue.pull.reviews) {
    if (review.state !== 'APPROVED') continue;
    review.state = 'DISMISSED';
    hub.emit('pull_request_review', { repository, by }, () => ({
      action: 'dismissed',
      review: reviewShape(hub, { repository, number: issue.number }, review),
      pull_request: pullShape(hub, repository, issue),
    }));
  }
}

async function showHead(repository: Repository, issue: PullIssue): Promise<void> {
  const { path } = repository;
  const { headSha, baseSha } = issue.pull;
  await git(path, 'update-ref', `refs/pull/${issue.number}/head`, headSha);
  issue.pull.commits = await commitsBetween(path, baseSha, headSha);
  await tryMerge(repository, issue);
}

/** Makes the trial merge again when one of its sides moved. GitHub does so too when somebody looks at the pull request. */
export async function tryMerge(repository: Repository, issue: PullIssue): Promise<void> {
  const { pull, number } = issue;
  const onto = repository.branches.get(pull.baseBranch);
  if (issue.state !== 'open' || onto === undefined) return;
  const of = `${onto} ${pull.headSha}`;
  if (pull.trial?.of === of) return;
  const sha = await mergeCommit(repository.path, {
    onto,
    head: pull.headSha,
    method: 'merge',
    title: `Merge ${pull.headSha} into ${onto}`,
    text: '',
    by: { name: issue.by, at: issue.updatedAt },
  });
  const ref = `refs/pull/${number}/merge`;
  if (sha !== null) await git(repository.path, 'update-ref', ref, sha);
  else if (pull.trial?.sha != null) await git(repository.path, 'update-ref', '-d', ref);
  pull.trial = { sha, of, isBehind: !(await isAncestor(repository.path, onto, pull.headSha)) };
}

/** Lets a pull request go to another branch. */
export async function retarget(
  hub: Hub,
  repository: Repository,
  change: { readonly issue: PullIssue; readonly by: string; readonly onto: string },
): Promise<void> {
  const { issue, by, onto } = change;
  const tip = repository.branches.get(onto);
  if (tip === undefined || issue.state === 'closed')
    throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const from = issue.pull.baseBranch;
  if (from === onto) return;
  issue.pull.baseBranch = onto;
  issue.pull.baseSha = tip;
  issue.updatedAt = hub.clock.tick();
  await showHead(repository, issue);
  emitPull(hub, repository, { issue, by, action: 'edited', more: { changes: { base: { ref: { from } } } } });
}

/** Closes an issue or pull request, or opens it again. */
export function setState(
  hub: Hub,
  repository: Repository,
  change: { readonly issue: Issue; readonly by: string; readonly state: Issue['state'] },
): void {
  const { issue, by, state } = change;
  if (issue.state === state) return;
  if (issue.pull?.merged != null)
    throw invalid({ resource: 'PullRequest', field: 'state', code: 'invalid', message: 'state cannot be changed.' });
  if (state === 'open' && isPull(issue)) checkReopen(hub, issue);
  const at = hub.clock.tick();
  issue.state = state;
  issue.updatedAt = at;
  issue.closedAt = state === 'closed' ? at : null;
  const event = state === 'closed' ? 'closed' : 'reopened';
  issue.events.push(newEvent(hub, { event, by, at }));
  if (isPull(issue)) emitPull(hub, repository, { issue, by, action: event });
  else hub.emit('issues', { repository, by }, () => ({ action: event, issue: issueShape(hub, repository, issue) }));
}

function checkReopen(hub: Hub, { pull }: PullIssue): void {
  const tip = hub.repositories.get(pull.headRepository)?.branches.get(pull.headBranch);
  if (tip === pull.headSha) return;
  const message = 'state cannot be changed. The head branch was force-pushed or deleted.';
  throw invalid({ resource: 'PullRequest', field: 'state', code: 'invalid', message });
}

/** The commits of a pull request reached its base branch. */
export function markMerged(
  hub: Hub,
  repository: Repository,
  merge: { readonly issue: PullIssue; readonly by: string; readonly sha: Sha; readonly landed: readonly Sha[] },
): void {
  const { issue, by, sha, landed } = merge;
  const at = hub.clock.tick();
  issue.pull.merged = { at, by, sha, landed };
  issue.state = 'closed';
  issue.closedAt = at;
  issue.updatedAt = at;
  issue.events.push(
    newEvent(hub, { event: 'merged', by, at, commit: sha }),
    newEvent(hub, { event: 'closed', by, at }),
  );
  emitPull(hub, repository, { issue, by, action: 'closed' });
}

/** Puts a label on, or takes it off. */
export function setLabel(
  hub: Hub,
  repository: Repository,
  change: { readonly issue: Issue; readonly by: string; readonly label: string; readonly isOn: boolean },
): void {
  const { issue, by, label, isOn } = change;
  const at = issue.labels.indexOf(label);
  if (at >= 0 === isOn) {
    if (isOn) return;
    throw new Refusal(404, 'Label does not exist');
  }
  if (isOn) issue.labels.push(label);
  else issue.labels.splice(at, 1);
  issue.updatedAt = hub.clock.tick();
  const event = isOn ? 'labeled' : 'unlabeled';
  issue.events.push(newEvent(hub, { event, by, at: issue.updatedAt, label }));
  if (isPull(issue)) emitPull(hub, repository, { issue, by, action: event, more: { label: labelShape(label) } });
}

/** Whether an issue is a pull request. */
export function isPull(issue: Issue): issue is PullIssue {
  return issue.pull !== null;
}

function newEvent(
  hub: Hub,
  event: Pick<IssueEvent, 'event' | 'by'> & { readonly at: string; readonly label?: string; readonly commit?: Sha },
): IssueEvent {
  return {
    id: hub.nextId(),
    event: event.event,
    by: event.by,
    label: event.label ?? null,
    commit: event.commit ?? null,
    createdAt: event.at,
  };
}

/** Tells listeners about a pull request. */
export function emitPull(
  hub: Hub,
  repository: Repository,
  told: { readonly issue: PullIssue; readonly by: string; readonly action: string; readonly more?: object },
): void {
  const { issue, by, action, more } = told;
  hub.emit('pull_request', { repository, by }, () => ({
    action,
    number: issue.number,
    pull_request: {
      ...pullShape(hub, repository, issue),
      merged: issue.pull.merged !== null,
      merged_by: issue.pull.merged === null ? null : { login: issue.pull.merged.by },
    },
    ...more,
  }));
}

/** The base or head of a pull request is gone or moved past it. */
export async function followBranch(
  hub: Hub,
  repository: Repository,
  moved: { readonly branch: string; readonly by: string; readonly before: Sha; readonly after: Sha },
): Promise<void> {
  const { branch, by, before, after } = moved;
  for (const issue of pullsOf(repository)) {
    if (issue.state !== 'open' || issue.pull.baseBranch !== branch) continue;
    if (after === NO_SHA) setState(hub, repository, { issue, by, state: 'closed' });
    else if (await isAncestor(repository.path, issue.pull.headSha, after)) {
      const landed = await commitsBetween(repository.path, before, after);
      markMerged(hub, repository, { issue, by, sha: after, landed });
    }
  }
}
