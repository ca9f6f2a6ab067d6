import type { Sha } from '../../schemas/name.ts';

/** A commit that is ready to be written: its id is known, because nothing in it is left to chance. */
export interface Draft {
  readonly oid: Sha;
  readonly tree: Sha;
  /** Null for a root. */
  readonly parent: Sha | null;
  /** Tree that a root starts from; null when it starts from nothing. Not used with a parent. */
  readonly keeps: Sha | null;
  readonly message: string;
  /** Wall seconds since 1970, of author and committer. */
  readonly seconds: number;
  /** Texts by path; null removes. */
  readonly changes: ReadonlyMap<string, string | null>;
  readonly sequence: number;
  /** The commit permits calls, so it has failpoints of its own. */
  readonly intends: boolean;
}

export interface StoredCommit {
  readonly oid: Sha;
  readonly tree: Sha;
  readonly parent: Sha | null;
  readonly message: string;
}

/** What reading the record takes of a chain. */
export interface ChainEnd {
  readonly commit: StoredCommit;
  /** Null where the commit is a root. */
  readonly parent: StoredCommit | null;
  readonly files: ReadonlyMap<string, string>;
}

/** A change of one ref on the remote, made only while it still has the value `from`. Null stands for a ref that is not there. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: Sha | null;
  readonly to: Sha | null;
}

/**
 * The remote that carries the chain, and what this machine has of it. Knows nothing of sequences, epochs or checksums.
 * Every method throws Fault `unavailable` when the remote or git does not answer, `integrity` when an object is missing or damaged.
 */
export interface CommitLog {
  /** Values of these refs on the remote now. */
  look(refs: readonly string[]): Promise<ReadonlyMap<string, Sha>>;
  /** Makes a commit of the chain, all it descends from, and its history branches readable here. */
  bring(commit: Sha): Promise<void>;
  /** The end of the chain: a commit, the one before it, and every file. On a fresh machine the rest of the chain stays where it is. */
  end(commit: Sha): Promise<ChainEnd>;
  /** From a commit towards its root, newest first. */
  commits(from: Sha, options: { readonly limit: number }): Promise<readonly StoredCommit[]>;
  /** The commit without a parent that a commit descends from. */
  root(commit: Sha): Promise<StoredCommit>;
  /** Whether `older` is `newer` or an ancestor; false as well when `older` is not readable here. */
  descends(commits: { readonly older: Sha; readonly newer: Sha }): Promise<boolean>;
  /** Every file of a commit. */
  files(commit: Sha): Promise<ReadonlyMap<string, string>>;
  /** Single files of commits; null where there is none. */
  texts(wanted: readonly { readonly commit: Sha; readonly path: string }[]): Promise<readonly (string | null)[]>;
  /** Writes commits on this machine, durably. */
  write(drafts: readonly Draft[]): Promise<void>;
  /** Stores a text on this machine, to be the value of a ref. */
  note(text: string): Promise<Sha>;
  /** `moved`: the ref had another value, or its answer was lost and it has the new one already. Throws Fault `denied` when the remote forbids it. */
  push(update: RefUpdate): Promise<'done' | 'moved'>;
  /** Ends whatever `write` keeps running, and tidies up. More can be written afterwards. */
  rest(): Promise<void>;
}
