import { z } from 'zod';
import { Address, Name, Sha, WorkspaceKey } from './name.ts';
import { FaultRecord, Plan, Risk } from './plan.ts';

/**
 * What a plan does to a workspace that refers to another one. certain: a value that it reads changes, and the new one is
 * known. possible: only the apply can tell. unaffected: nothing that it reads changes.
 */
export const DownstreamEffect = z.enum(['certain', 'possible', 'unaffected']);
export type DownstreamEffect = z.infer<typeof DownstreamEffect>;

/** Whose word counts as agreement: a review on the Git host, `/provisioning approve`, a label, or the merge itself. */
export const ApprovalMeans = z.enum(['review', 'comment', 'label', 'merge']);
export type ApprovalMeans = z.infer<typeof ApprovalMeans>;

/** How changes of a workspace are agreed to on a Git host. Read from the base branch, never from the pull request that is reviewed. */
export const PullRules = z.strictObject({
  approve: ApprovalMeans.default('review').describe(
    'What counts as an approval: a `review` for the exact head commit, the comment `/provisioning approve`, a `label`, or the `merge` itself.',
  ),
  label: z.string().min(1).max(50).default('provisioning/approved').describe('The label, where labels approve.'),
  approvals: z.int().min(1).max(10).default(1).describe('How many people must approve.'),
  destroyApprovals: z
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe('How many must approve a plan that deletes something for good or loses data.'),
  approvers: z
    .array(z.string().min(1).max(100))
    .max(100)
    .default([])
    .describe('Accounts whose approval counts. Empty: everybody with write access.'),
  apply: z
    .enum(['on-merge', 'before-merge'])
    .default('on-merge')
    .describe('`before-merge`: `/provisioning apply` applies an approved pull request before it is merged.'),
  revert: z.boolean().default(false).describe('Open a pull request that reverts a merge whose apply failed.'),
});
export type PullRules = z.infer<typeof PullRules>;

/** One reference to a workspace whose plan is reviewed, and what that plan does to it. */
export const DownstreamUse = z.strictObject({
  /** The resource that refers, and the reference as it was written. */
  by: Address,
  ref: z.string(),
  upstream: WorkspaceKey,
  effect: DownstreamEffect,
  /** What happens to the value, without a full stop: `10.0.0.0/16 becomes 10.1.0.0/16`. */
  text: z.string(),
  at: z.strictObject({ file: z.string(), line: z.int(), column: z.int() }).optional(),
});
export type DownstreamUse = z.infer<typeof DownstreamUse>;

/** A workspace that reads, directly or through others, what the workspaces of a pull request make. */
export const Downstream = z.strictObject({
  workspace: WorkspaceKey,
  /** That of the reference that is hit most. */
  effect: DownstreamEffect,
  uses: z.array(DownstreamUse),
});
export type Downstream = z.infer<typeof Downstream>;

/** One change that is being made, or was, as a report shows it. */
export const StepView = z
  .strictObject({
    key: z.string(),
    status: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
    text: z.string(),
  })
  .readonly();
export type StepView = z.infer<typeof StepView>;

/** What was done for one workspace, or is being done. */
export const RunView = z
  .strictObject({
    outcome: z.enum(['running', 'done', 'failed', 'stopped', 'rolled-back', 'superseded']),
    steps: z.array(StepView).readonly(),
    checkpoints: z.int(),
    durationMs: z.int().nullable(),
    /** What was taken back after a failure, by key. */
    undone: z.array(z.string()).readonly(),
  })
  .readonly();
export type RunView = z.infer<typeof RunView>;

/** A workspace that a pull request takes out of the files although it still holds objects: those stay, and nothing looks after them. */
export const Orphaned = z.strictObject({ workspace: WorkspaceKey, folder: z.string(), objects: z.int() });
export type Orphaned = z.infer<typeof Orphaned>;

/** One plan that was shown on a pull request. */
export const ReviewedPlan = z.strictObject({
  workspace: WorkspaceKey,
  folder: z.string(),
  env: Name.nullable(),
  /** Null when the files could not be planned: `fault` says why. */
  plan: Plan.nullable(),
  fault: FaultRecord.nullable(),
  /** False when nothing but recorded state was looked at, because the commits come from a fork. */
  isFull: z.boolean(),
  /** The comment could not hold the whole plan: it is no basis for an approval by comment. */
  isCut: z.boolean(),
  /** Of a plan that was shown after the merge: why it is not the reviewed one, in sentences without a full stop. */
  differences: z.array(z.string()),
});
export type ReviewedPlan = z.infer<typeof ReviewedPlan>;

/** Somebody agreed to the plans of one head commit. `at` is the host's time in milliseconds. */
export const PullApproval = z.strictObject({ by: z.string(), means: ApprovalMeans, sha: Sha, at: z.int() });
export type PullApproval = z.infer<typeof PullApproval>;

/** A command that somebody gave in a comment, and what became of it. */
export const CommandAnswer = z.strictObject({
  remark: z.string(),
  by: z.string(),
  command: z.string(),
  outcome: z.enum(['done', 'refused']),
  /** One sentence. */
  text: z.string(),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;

/** What this program remembers about one pull request: what it showed, and which commands it has answered. Everything else is asked from the host. */
export const ReviewRecord = z.strictObject({
  format: z.literal(1),
  pull: z.int(),
  /** Head commit that the plans are for, the base branch's commit then, and the merge of both that was planned. */
  head: Sha,
  base: Sha,
  merged: Sha.nullable(),
  /** Head commit that was last marked as being planned: whoever finds it superseded concludes its checks. */
  begun: Sha.optional(),
  plans: z.array(ReviewedPlan),
  /** Workspaces that read what these plans change; absent when there are none. */
  downstream: z.array(Downstream).optional(),
  /** Workspaces that it takes out of the files, but not out of the world; absent when there are none. */
  orphaned: z.array(Orphaned).optional(),
  comment: z.string().nullable(),
  /** Time by the host's clock at which the comment showed these plans for the first time: an earlier word is not about them. */
  shownAt: z.int().nullable(),
  /** Head commit of a fork for which somebody with access asked for the full plan. */
  fullFor: Sha.nullable(),
  /** Addresses that were taken out by command. */
  excludes: z.array(Address),
  /** Head commit that shall be applied before it is merged, by command, where the workspace allows that. */
  applyFor: Sha.nullable(),
  /** Number of deletions that was acknowledged by command. */
  allowDeletes: z.int().nullable(),
  /** Newest command first, at most twenty. */
  answers: z.array(CommandAnswer),
  /** Id of the last comment that was read for commands. */
  readUpTo: z.string().nullable(),
  /** The plans are not the reviewed ones any more: they were made and shown after the merge. */
  isAfterMerge: z.boolean(),
  /** Runs that applied these plans, as they were reported: a later run takes their place in the state chain. */
  runs: z.array(z.strictObject({ workspace: WorkspaceKey, run: RunView })).optional(),
  /** Commit of the base branch it became, once it is merged. */
  mergeCommit: Sha.nullable(),
  /** The last report is out: nothing will be written any more. */
  isClosed: z.boolean(),
  /** When the last report went out, by this program's clock: long after that the record is forgotten. Absent where it is kept, as for issues. */
  closedAt: z.int().optional(),
});
export type ReviewRecord = z.infer<typeof ReviewRecord>;

/** Where reviews are remembered: beside the state chain, and written by compare-and-swap. Adapters: Git, and memory for tests. */
export interface ReviewStore {
  /** Null when this pull request was never looked at. */
  read(pull: number): Promise<{ readonly record: ReviewRecord; readonly version: string } | null>;
  /** Writes when the stored one still is `version` (null: there is none). Throws Fault `locked` otherwise. Returns the new version. */
  write(record: ReviewRecord, version: string | null): Promise<string>;
  /** Numbers of the pull requests whose review is not closed. */
  open(): Promise<readonly number[]>;
  /** Those whose review was closed before this time. */
  closedBefore(timeMs: number): Promise<readonly StoredReview[]>;
  /** Forgets each of these that still is what it was; another process may have written it meanwhile. Returns how many were forgotten. */
  forget(reviews: readonly StoredReview[]): Promise<number>;
}

/** One record as it is stored. */
export interface StoredReview {
  readonly pull: number;
  readonly version: string;
}

/** One workspace in a comment. */
export interface WorkspaceView extends ReviewedPlan {
  readonly run: RunView | null;
}

/** Everything that the one comment of a pull request says. Pure data: the same view gives the same text. */
export interface ReviewView {
  readonly pull: number;
  readonly head: Sha;
  readonly base: { readonly branch: string; readonly sha: Sha };
  /**
   * planned: waits for approval, merge, or nothing. conflict: cannot be merged. queued: merged, others are before it. applying, applied, failed: after the merge.
   * waiting: merged, but the plan changed and must be agreed to. closed: closed without a merge.
   */
  readonly stage: 'planned' | 'conflict' | 'queued' | 'applying' | 'applied' | 'failed' | 'waiting' | 'closed';
  readonly workspaces: readonly WorkspaceView[];
  /** Workspaces that read what these make, whatever becomes of it. Upstream first; absent when there are none. */
  readonly downstream?: readonly Downstream[];
  /** Workspaces that it takes out of the files, but not out of the world. */
  readonly orphaned?: readonly Orphaned[];
  /** Highest of all plans. */
  readonly risk: Risk;
  readonly approval: {
    readonly needed: number;
    readonly given: readonly PullApproval[];
    readonly means: ApprovalMeans;
    /** Why a word that was given does not count, in sentences. */
    readonly rejected: readonly string[];
  };
  /** Pull requests that are applied first. */
  readonly behind: readonly number[];
  readonly held: string | null;
  readonly answers: readonly CommandAnswer[];
  /** What somebody does next: one sentence, and a command or nothing. */
  readonly next: { readonly text: string; readonly command: string | null };
}
