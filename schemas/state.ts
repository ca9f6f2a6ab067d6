import type { Checkpoint, Holder, Recorded, RecordedObject, Step } from './checkpoint.ts';
import type { Sha, Sha256 } from './name.ts';
import type { Plan } from './plan.ts';

/** Reads and writes the state chain of one workspace. Adapters: Git, and memory for the simulator; one contract suite for both. */
export interface StateStore {
  /** Fetches the chain and folds it. Throws Fault `integrity` when it does not check out, `unavailable` when the remote does not answer. */
  read(): Promise<Recorded>;
  /** The plan of a run that the chain records. */
  plan(digest: Sha256): Promise<Plan | null>;
  /**
   * Becomes the writer: pushes a `take` with the next epoch by compare-and-swap, after waiting out a living holder.
   * Unpushed outcomes that this machine journaled in its own last epoch are pushed with it.
   * Throws Fault `locked` with the holder when another one is alive after `waitMs`.
   */
  take(holder: Holder, options: { readonly waitMs: number; readonly signal?: AbortSignal }): Promise<StateWriter>;
  /** Newest first. */
  history(options: { readonly limit: number; readonly from?: Sha }): Promise<readonly HistoryEntry[]>;
  /** Checks every commit: sequence without gap, epochs rising, checksums, trees equal to the fold. */
  verify(): Promise<VerifyReport>;
}

/** The one who may add to the chain, between `take` and `close`. */
export interface StateWriter {
  readonly epoch: number;
  /** The recorded state including everything appended so far. */
  readonly recorded: Recorded;
  /**
   * Adds facts. Resolves when they are durable on this machine (journal, fdatasync); they reach the remote in groups.
   * `intend` counts only after `pushed`. Returns the sequence of the last one.
   */
  append(steps: readonly Step[]): Promise<number>;
  /** Remembers on this machine only that the call of an open intent is about to be sent, so that a restart here knows what was not. Durable when it resolves. */
  markSent(key: string): Promise<void>;
  /** When this machine last marked the intent as sent, in wall milliseconds; undefined when it certainly was not sent by this machine's epoch; null when nobody can know. */
  sentAt(key: string): number | undefined | null;
  /** Resolves when the remote has everything up to this sequence; throws Fault `locked` when a successor took over. */
  pushed(sequence: number): Promise<void>;
  /** False when the lease was not renewed for two thirds of its time: no call may be sent any more. Costs nothing. */
  alive(): boolean;
  /** Pushes what is left, and gives the workspace back when `release`. Safe to call twice. */
  close(options: { readonly release: boolean }): Promise<void>;
}

/** One commit of the chain in short. */
export interface HistoryEntry {
  readonly commit: Sha;
  readonly sequence: number;
  readonly epoch: number;
  readonly at: number;
  readonly run: string | null;
  readonly plan: Sha256 | null;
  readonly step: Checkpoint['body']['step'];
  readonly key: string | null;
  readonly subject: string;
}

/** Result of checking a whole chain; no problems means that every commit checks out. */
export interface VerifyReport {
  readonly commits: number;
  readonly objects: number;
  readonly epochs: number;
  readonly problems: readonly { readonly commit: Sha; readonly what: string }[];
}

/** What operators need beside reading and writing. Only the Git adapter offers it. */
export interface WorkspaceState extends StateStore {
  /** Full name of the state branch, for people: `refs/heads/provisioning/state/shop`. */
  readonly ref: string;
  /** Whether somebody asked a running writer to stop starting changes. Cheap: it answers from the last look, at most a few seconds old. */
  holdRequested(): boolean;
  /** Asks, or no longer asks, whoever writes to hold. Needs no epoch, so it works while another one writes. */
  requestHold(held: boolean): Promise<void>;
  /** Starts the chain anew from its present contents; the former commits stay readable under `history`. */
  compact(
    holder: Holder,
    options: { readonly waitMs: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly history: string; readonly commits: number }>;
  /** Replaces recorded state, also when the chain is gone or broken; the former head, if any, is kept under a history branch. */
  rebuild(anew: {
    readonly lineage: string;
    readonly objects: readonly RecordedObject[];
    readonly by: string;
    readonly holder: Holder;
  }): Promise<void>;
  /** Accepts the remote's head although it is not a descendant of the one seen last. */
  trustReset(): Promise<void>;
}
