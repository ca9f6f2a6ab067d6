import type { Sha } from '../../schemas/name.ts';

/** What the test forge knows beside what stands in Git. Times are ISO texts with whole seconds, as GitHub writes them. */
export const NO_SHA = '0'.repeat(40);

/** What an account may do in a repository, weakest first. */
export const ACCESS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Access = (typeof ACCESS)[number];

/** Whether one access includes another. */
export function reaches(has: Access, wanted: Access): boolean {
  return ACCESS.indexOf(has) >= ACCESS.indexOf(wanted);
}

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly kind: 'User' | 'Bot';
}

/** What an App may do: `{ checks: 'write' }`. A permission that is not listed is none. */
export type Permissions = { readonly [permission: string]: 'read' | 'write' };

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly installation: number;
  /** PEM text. */
  readonly publicKey: string;
  readonly permissions: Permissions;
  /** Repositories that it is installed on. */
  readonly repositories: Set<string>;
}

/** Who sends a request. `app` is null for people. */
export interface Actor {
  readonly login: string;
  readonly app: App | null;
}

export interface Token {
  readonly actor: Actor;
  readonly permissions: Permissions | null;
  readonly repositories: readonly string[] | null;
  /** Wall time of this machine. */
  readonly expiresAt: number | null;
  isRevoked: boolean;
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';

export interface Review {
  readonly id: number;
  readonly by: string;
  state: ReviewState;
  body: string;
  readonly commit: Sha;
  submittedAt: string | null;
}

export interface Comment {
  readonly id: number;
  /** Number of the issue or pull request. */
  readonly number: number;
  readonly by: string;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  readonly reactions: Reaction[];
}

export interface Reaction {
  readonly id: number;
  readonly by: string;
  readonly content: string;
  readonly createdAt: string;
}

export interface IssueEvent {
  readonly id: number;
  readonly event: 'labeled' | 'unlabeled' | 'closed' | 'reopened' | 'merged';
  readonly by: string;
  readonly label: string | null;
  readonly commit: Sha | null;
  readonly createdAt: string;
}

export interface PullPart {
  /** The repository that the commits come from. */
  readonly headRepository: string;
  readonly headBranch: string;
  headSha: Sha;
  baseBranch: string;
  /** Tip of the base branch when the pull request last changed. */
  baseSha: Sha;
  isDraft: boolean;
  /** The commit that `refs/pull/N/merge` shows, the two tips that it was made of, and whether the head lacks that of the base branch. */
  trial: { readonly sha: Sha | null; readonly of: string; readonly isBehind: boolean } | null;
  /** Commits of the pull request that the base branch does not have, oldest first. */
  commits: readonly Sha[];
  merged: { readonly at: string; readonly by: string; readonly sha: Sha; readonly landed: readonly Sha[] } | null;
  readonly reviews: Review[];
}

/** An issue; with `pull` a pull request. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly by: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  readonly labels: string[];
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  readonly comments: Comment[];
  readonly events: IssueEvent[];
  readonly pull: PullPart | null;
}

/** A pull request. */
export type PullIssue = Issue & { readonly pull: PullPart };

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title?: string | null | undefined;
  readonly raw_details?: string | null | undefined;
}

export interface CheckRun {
  readonly id: number;
  readonly app: App;
  name: string;
  readonly sha: Sha;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  detailsUrl: string | null;
  externalId: string;
  startedAt: string | null;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  readonly annotations: CheckAnnotation[];
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: Sha;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly by: string;
  readonly createdAt: string;
}

export type ActivityKind =
  | 'push'
  | 'force_push'
  | 'branch_creation'
  | 'branch_deletion'
  | 'pr_merge'
  | 'merge_queue_merge';

export interface Activity {
  readonly id: number;
  readonly ref: string;
  readonly before: Sha;
  readonly after: Sha;
  readonly kind: ActivityKind;
  readonly by: string;
  readonly at: string;
}

/** Rules for one branch. What is left out is not asked for. */
export interface Protection {
  /** Names of checks or statuses that must be green. */
  readonly checks?: readonly string[];
  /** The head must hold the tip of the base branch. */
  readonly strict?: boolean;
  readonly approvals?: number;
  readonly dismissStale?: boolean;
  readonly lastPushApproval?: boolean;
  readonly codeOwners?: boolean;
  readonly enforceAdmins?: boolean;
  readonly linearHistory?: boolean;
  /** Accounts that the rules do not bind. */
  readonly bypass?: readonly string[];
}

/** A group of the merge queue: one pull request on top of everything before it. */
export interface QueueEntry {
  readonly number: number;
  readonly branch: string;
  readonly baseBranch: string;
  readonly before: Sha;
  readonly sha: Sha;
  readonly by: string;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  /** `acme/infrastructure` */
  readonly fullName: string;
  /** Folder of the bare repository. */
  readonly path: string;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  readonly forkOf: string | null;
  readonly createdAt: string;
  readonly methods: ReadonlySet<MergeMethod>;
  readonly access: Map<string, Access>;
  /** Branches as last seen; Git is the truth. */
  branches: ReadonlyMap<string, Sha>;
  readonly protections: Map<string, Protection>;
  readonly issues: Issue[];
  readonly checks: CheckRun[];
  readonly statuses: CommitStatus[];
  /** Newest first. */
  readonly activity: Activity[];
  readonly queue: QueueEntry[];
}

/** The issue or pull request with this number. */
export function issueOf(repository: Repository, number: number): Issue | undefined {
  return repository.issues.find(issue => issue.number === number);
}

/** All pull requests, oldest first. */
export function pullsOf(repository: Repository): readonly PullIssue[] {
  return repository.issues.filter((issue): issue is PullIssue => issue.pull !== null);
}

/** What an account may do in a repository. */
export function accessOf(repository: Repository, login: string | null): Access {
  if (login === repository.owner) return 'admin';
  const granted = login === null ? undefined : repository.access.get(login);
  return granted ?? (repository.isPrivate ? 'none' : 'read');
}
