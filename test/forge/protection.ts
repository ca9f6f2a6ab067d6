import { accessOf, type CheckRun, type Protection, type PullIssue, reaches, type Repository } from './model.ts';

/** The rules that bind an account on a branch; undefined where none do. */
export function rulesFor(repository: Repository, branch: string, login: string): Protection | undefined {
  const rules = repository.protections.get(branch);
  if (rules === undefined || rules.bypass?.includes(login) === true) return undefined;
  return accessOf(repository, login) === 'admin' && rules.enforceAdmins !== true ? undefined : rules;
}

/** Why a push may not move a branch; null when it may. */
export function pushProblem(
  repository: Repository,
  push: { readonly branch: string; readonly login: string; readonly isRewrite: boolean },
): string | null {
  const { branch, login, isRewrite } = push;
  if (branch.startsWith('gh-readonly-queue/')) return 'branches of the merge queue are read-only';
  const rules = rulesFor(repository, branch, login);
  if (rules === undefined) return null;
  if (isRewrite) return 'Cannot force-push to this branch';
  if (rules.approvals !== undefined) return 'Changes must be made through a pull request.';
  if ((rules.checks ?? []).length > 0) return 'Required status checks are expected.';
  return null;
}

/** Why a pull request may not be merged yet; empty when it may. */
export function mergeProblems(repository: Repository, issue: PullIssue, login: string): readonly string[] {
  const rules = rulesFor(repository, issue.pull.baseBranch, login);
  if (rules === undefined) return [];
  const problems: string[] = [];
  const waiting = (rules.checks ?? []).filter(name => !isGreen(repository, issue.pull.headSha, name));
  if (waiting.length > 0) problems.push(`Required status check "${waiting[0]}" is expected.`);
  if (isObjected(issue)) problems.push('Changes have been requested.');
  const wanted = rules.approvals ?? 0;
  if (approvers(repository, issue, rules).length < wanted)
    problems.push(`At least ${wanted} approving review is required by reviewers with write access.`);
  if (rules.strict === true && issue.pull.trial?.isBehind === true) problems.push('The head branch is not up to date.');
  return problems;
}

/** The newest word of every reviewer, comments left out. */
function words(issue: PullIssue): ReadonlyMap<string, PullIssue['pull']['reviews'][number]> {
  const given = issue.pull.reviews.filter(({ state }) => state !== 'COMMENTED' && state !== 'PENDING');
  return new Map(given.map(review => [review.by, review]));
}

function isObjected(issue: PullIssue): boolean {
  return [...words(issue).values()].some(({ state }) => state === 'CHANGES_REQUESTED');
}

function approvers(repository: Repository, issue: PullIssue, rules: Protection): readonly string[] {
  const pusher = lastPusher(repository, issue);
  return [...words(issue).values()]
    .filter(({ state, by }) => state === 'APPROVED' && reaches(accessOf(repository, by), 'write'))
    .filter(({ by, commit }) => rules.lastPushApproval !== true || (by !== pusher && commit === issue.pull.headSha))
    .map(({ by }) => by);
}

function lastPusher(repository: Repository, { pull }: PullIssue): string | undefined {
  if (pull.headRepository !== repository.fullName) return undefined;
  return repository.activity.find(({ ref }) => ref === `refs/heads/${pull.headBranch}`)?.by;
}

const PASSED: ReadonlySet<string | null> = new Set(['success', 'neutral', 'skipped']);

/** Whether the newest check run or status of this name is good. */
export function isGreen(repository: Repository, sha: string, name: string): boolean {
  const run = newestRuns(repository, sha).find(found => found.name === name);
  if (run !== undefined) return run.status === 'completed' && PASSED.has(run.conclusion);
  return repository.statuses.findLast(status => status.sha === sha && status.context === name)?.state === 'success';
}

/** The newest run of every App and name, oldest first. */
export function newestRuns(repository: Repository, sha: string): readonly CheckRun[] {
  const runs = repository.checks.filter(run => run.sha === sha);
  return [...new Map(runs.map(run => [`${run.app.id} ${run.name}`, run])).values()];
}
