import type { Sha } from '../../schemas/name.ts';
import { moveBranch, notice } from './branches.ts';
import { commitsBetween, git } from './git.ts';
import type { Hub } from './hub.ts';
import { mergeCommit } from './merges.ts';
import { type MergeMethod, type PullIssue, type QueueEntry, type Repository } from './model.ts';
import { isGreen, mergeProblems } from './protection.ts';
import { emitPull, markMerged, tryMerge } from './pulls.ts';
import { Refusal } from './refusal.ts';

/** Account that the merge queue moves branches with. */
const QUEUE_LOGIN = 'github-merge-queue[bot]';

export interface MergeWish {
  readonly issue: PullIssue;
  readonly by: string;
  readonly method: MergeMethod;
  readonly title?: string | undefined;
  readonly text?: string | undefined;
  /** The head that the one who merges has seen. */
  readonly sha?: Sha | undefined;
}

/** Merges a pull request and moves its base branch. Tells the commit that it became. */
export async function mergePull(hub: Hub, repository: Repository, wish: MergeWish): Promise<Sha> {
  const { issue, by } = wish;
  checkMergeable(repository, wish);
  await tryMerge(repository, issue);
  const problems = mergeProblems(repository, issue, by);
  if (problems.length > 0) throw new Refusal(405, problems.join(' '));
  const onto = tipOf(repository, issue);
  const sha = await written(hub, repository, { ...wish, onto });
  await git(repository.path, 'update-ref', `refs/heads/${issue.pull.baseBranch}`, sha, onto);
  const landed = await commitsBetween(repository.path, onto, sha);
  // First merged, so that looking at the branches does not find it merged by the way.
  markMerged(hub, repository, { issue, by, sha, landed });
  await notice(hub, repository, { by, kind: 'pr_merge' });
  return sha;
}

function checkMergeable(repository: Repository, { issue, method, sha }: MergeWish): void {
  const { pull, state } = issue;
  if (pull.merged !== null || state === 'closed' || pull.isDraft)
    throw new Refusal(405, 'Pull Request is not mergeable');
  if (!repository.methods.has(method)) {
    const name = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' }[method];
    throw new Refusal(405, `${name} are not allowed on this repository.`);
  }
  if (sha !== undefined && sha !== pull.headSha)
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
}

function tipOf(repository: Repository, { pull }: PullIssue): Sha {
  const tip = repository.branches.get(pull.baseBranch);
  if (tip === undefined) throw new Refusal(404, 'Base does not exist');
  return tip;
}

async function written(hub: Hub, repository: Repository, wish: MergeWish & { readonly onto: Sha }): Promise<Sha> {
  const { issue, by, method, onto } = wish;
  const head = issue.pull.headSha;
  const owner = issue.pull.headRepository.split('/')[0];
  const isMerge = method === 'merge';
  const title = isMerge
    ? `Merge pull request #${issue.number} from ${owner}/${issue.pull.headBranch}`
    : `${issue.title} (#${issue.number})`;
  const sha = await mergeCommit(repository.path, {
    onto,
    head,
    method,
    title: wish.title ?? title,
    text: wish.text ?? (isMerge ? issue.title : ''),
    by: { name: by, at: hub.clock.tick() },
  });
  if (sha === null) throw new Refusal(405, 'Pull Request is not mergeable');
  return sha;
}

/** Puts a pull request into the merge queue: a branch of its own on top of those before it. */
export async function enqueue(hub: Hub, repository: Repository, wish: MergeWish): Promise<QueueEntry> {
  const { issue, by } = wish;
  checkMergeable(repository, wish);
  const { baseBranch, headSha } = issue.pull;
  const before = repository.queue.findLast(entry => entry.baseBranch === baseBranch)?.sha ?? tipOf(repository, issue);
  const sha = await written(hub, repository, { ...wish, onto: before });
  const branch = `gh-readonly-queue/${baseBranch}/pr-${issue.number}-${before}`;
  const entry: QueueEntry = { number: issue.number, branch, baseBranch, before, sha, by };
  repository.queue.push(entry);
  await moveBranch(hub, repository, { by: QUEUE_LOGIN, branch, to: sha, isOwn: true });
  emitPull(hub, repository, { issue, by, action: 'enqueued' });
  hub.emit('merge_group', { repository, by: QUEUE_LOGIN }, () => ({
    action: 'checks_requested',
    merge_group: {
      head_sha: sha,
      head_ref: `refs/heads/${branch}`,
      base_sha: before,
      base_ref: `refs/heads/${baseBranch}`,
      head_commit: { id: sha, message: issue.title, head_of: headSha },
    },
  }));
  return entry;
}

/** Lets the first of the queue in: its base branch goes forward to the commit that was checked. */
export async function landQueue(hub: Hub, repository: Repository, issue: PullIssue): Promise<Sha> {
  const entry = repository.queue.find(({ baseBranch }) => baseBranch === issue.pull.baseBranch);
  if (entry?.number !== issue.number) throw new Refusal(405, 'it is not the first of the queue');
  const { baseBranch, sha, before, by } = entry;
  const red = (repository.protections.get(baseBranch)?.checks ?? []).find(name => !isGreen(repository, sha, name));
  if (red !== undefined) throw new Refusal(405, `Required status check "${red}" is expected.`);
  if (tipOf(repository, issue) !== before) throw new Refusal(405, 'the base branch moved past the queue');
  const landed = await commitsBetween(repository.path, before, sha);
  repository.queue.splice(repository.queue.indexOf(entry), 1);
  await git(repository.path, 'update-ref', `refs/heads/${baseBranch}`, sha, before);
  markMerged(hub, repository, { issue, by, sha, landed });
  await notice(hub, repository, { by: QUEUE_LOGIN, kind: 'merge_queue_merge' });
  await leave(hub, repository, entry, 'merged');
  return sha;
}

/** Takes a pull request out of the queue, and those behind it, whose groups held its commits. They may be put in again. */
export async function dequeue(hub: Hub, repository: Repository, number: number): Promise<void> {
  const at = repository.queue.findIndex(entry => entry.number === number);
  if (at < 0) throw new Refusal(404, 'it is not in the queue');
  const { baseBranch } = repository.queue[at] as QueueEntry;
  const gone = repository.queue.filter((entry, index) => index >= at && entry.baseBranch === baseBranch);
  for (const entry of gone) {
    repository.queue.splice(repository.queue.indexOf(entry), 1);
    await leave(hub, repository, entry, entry.number === number ? 'dequeued' : 'invalidated');
  }
}

async function leave(hub: Hub, repository: Repository, entry: QueueEntry, reason: string): Promise<void> {
  await moveBranch(hub, repository, { by: QUEUE_LOGIN, branch: entry.branch, to: null, isOwn: true });
  hub.emit('merge_group', { repository, by: QUEUE_LOGIN }, () => ({
    action: 'destroyed',
    reason,
    merge_group: { head_sha: entry.sha, head_ref: `refs/heads/${entry.branch}`, base_sha: entry.before },
  }));
}
