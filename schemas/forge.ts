import type { Sha } from './name.ts';

/** A pull request as the Git host tells it now. Times are the host's own clock, in milliseconds. */
export interface Pull {
  readonly number: number;
  readonly title: string;
  /** Page for people. */
  readonly url: string;
  /** Login of whoever opened it. */
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly isDraft: boolean;
  /** `ref`: where the repository itself carries it, `refs/pull/7/head`. `isFork`: its commits come from another repository. */
  readonly head: { readonly sha: Sha; readonly ref: string; readonly branch: string; readonly isFork: boolean };
  readonly base: { readonly branch: string };
  /** Commit of the base branch that the pull request became: the merge, the squashed one, or the last rebased one. Null unless merged. */
  readonly mergeCommit: Sha | null;
  readonly labels: readonly string[];
  readonly updatedAt: number;
}

/** The newest word of one reviewer. `sha` is the head commit he looked at. */
export interface PullReview {
  readonly by: string;
  readonly verdict: 'approved' | 'changes-requested' | 'dismissed' | 'commented';
  readonly sha: Sha;
  readonly at: number;
}

/** One comment of a conversation. `isOwn`: this program's own account wrote it. */
export interface Remark {
  readonly id: string;
  readonly by: string;
  readonly isOwn: boolean;
  readonly body: string;
  readonly at: number;
  /** Time of the last edit; equal to `at` when it was never edited. */
  readonly editedAt: number;
}

/** Who put a label on, and when. */
export interface LabelEvent {
  readonly label: string;
  readonly by: string;
  readonly at: number;
}

/** The last push to a branch. */
export interface Push {
  readonly by: string;
  readonly sha: Sha;
  readonly at: number;
}

/** What an account may do in the repository. */
export type Access = 'none' | 'read' | 'write' | 'admin';

/** A line of a file that a check speaks about. */
export interface Annotation {
  readonly file: string;
  readonly line: number;
  readonly level: 'failure' | 'warning' | 'notice';
  readonly title: string;
  readonly text: string;
}

/** A required or informative mark on one commit. Where the host has no check runs for this account it becomes a commit status: state and title alone. */
export interface Check {
  /** `provisioning/plan`: with the commit it identifies the mark, so that writing it twice changes one. */
  readonly name: string;
  readonly sha: Sha;
  readonly state: 'running' | 'success' | 'neutral' | 'failure' | 'cancelled';
  /** One line. */
  readonly title: string;
  /** Markdown, at most 65,535 characters each. */
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
  /** Address of the comment with the details. */
  readonly url: string | null;
  /** Stands for everything it says. The host keeps it where it can, so that what was said already is not sent again. */
  readonly digest?: string;
}

/** A mark that this program left on a commit. */
export interface KnownCheck {
  readonly name: string;
  readonly sha: Sha;
  readonly state: Check['state'];
  /** Its one line, as far as the host keeps it. */
  readonly title: string;
  /** As it was written; null where the host keeps only the line. */
  readonly digest: string | null;
}

/** How a command was taken: seen, done, or not done. */
export type Reaction = 'seen' | 'done' | 'refused';

/** An issue that stands for one thing, found by its marker. */
export interface Issue {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  /** Time of the last change by the host's clock. */
  readonly updatedAt: number;
}

/**
 * What a Git host offers beside Git: conversations, reviews and marks of one repository. Every method asks the host; nothing is
 * cached but what the host itself says is unchanged. Throws Fault `unavailable` when the host does not answer or its rate limit is
 * used up (data.retryAtMs), `denied` when the credential may not do it, and `usage` when the repository does not exist.
 * Adapters: GitHub. One contract suite.
 */
export interface Forge {
  /** `acme/infrastructure`. */
  readonly repository: string;
  /** Login that this program acts as. */
  account(): Promise<string>;
  /** Name of the branch that pull requests go to by default. */
  defaultBranch(): Promise<string>;
  /** All open pull requests. Costs nothing against the rate limit when none changed. */
  openPulls(): Promise<readonly Pull[]>;
  /** Null when there is none with this number. */
  pull(number: number): Promise<Pull | null>;
  /** Merged pull requests that became this commit of a base branch. */
  pullsOf(commit: Sha): Promise<readonly Pull[]>;
  /** Oldest first, one for each reviewer: his newest word other than a mere comment, or that comment. */
  reviews(number: number): Promise<readonly PullReview[]>;
  /** Oldest first. */
  labelEvents(number: number): Promise<readonly LabelEvent[]>;
  /** Who pushed last to a branch of this repository; null when the host does not tell. */
  lastPush(branch: string): Promise<Push | null>;
  access(login: string): Promise<Access>;
  /** Comments of a pull request or issue, oldest first. */
  remarks(number: number): Promise<readonly Remark[]>;
  /** Writes a comment, or replaces the text of one. `at` is the host's time of the writing. */
  remark(number: number, write: { readonly id: string | null; readonly body: string }): Promise<Remark>;
  /** Replaces this program's former reaction to a comment. */
  react(number: number, remark: string, reaction: Reaction): Promise<void>;
  check(check: Check): Promise<void>;
  /** Whether checks hold text here, or their one line alone. */
  holdsText(): Promise<boolean>;
  /** Marks this program left on a commit. */
  checks(sha: Sha): Promise<readonly KnownCheck[]>;
  /** Opens a pull request for a branch that was pushed, or finds the open one for it. */
  openPull(write: {
    readonly branch: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<Pull>;
  /** The issue that this program opened with this marker in its text, open or closed; null when there is none. */
  issue(marker: string): Promise<Issue | null>;
  /** Opens, closes or rewrites an issue. */
  putIssue(write: {
    readonly number: number | null;
    readonly title: string;
    readonly body: string;
    readonly state: 'open' | 'closed';
  }): Promise<Issue>;
}
