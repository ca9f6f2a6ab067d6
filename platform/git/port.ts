import type { Sha } from '../../schemas/name.ts';

/** The workspace files of one commit. */
export interface Snapshot {
  readonly commit: Sha;
  /** Git tree of the workspace folder: equal trees are equal files. */
  readonly tree: Sha;
  /** By path from the workspace folder, with `/`: `workspace.yaml`, `infra/network/main.yaml`. Only what a workspace is made of is read. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Where desired state comes from: a mirror of a remote, or a clone on this machine. Reading never changes what is read. */
export interface GitSource {
  /** Address for people and for the state chain; never holds a credential. */
  readonly url: string;
  /** Top folder of the working tree, or the bare repository. */
  readonly root: string;
  /** Brings a mirror up to date; a clone on this machine is taken as it is. Throws Fault `unavailable` when the remote does not answer. */
  fetch(): Promise<void>;
  /** Heads of all branches, asked from the remote itself; state branches are left out. */
  branches(): Promise<ReadonlyMap<string, Sha>>;
  /** Head of one branch, asked from the remote itself; null when it has no such branch. */
  head(branch: string): Promise<Sha | null>;
  /** A commit by its id, branch, tag, full ref, or `HEAD`. Throws Fault `usage` when it is unknown, or both a branch and a tag. */
  resolve(revision: string): Promise<Sha>;
  /** Whether `older` is `newer` or one of its ancestors. False as well when `older` is not known here. */
  isAncestor(commits: { readonly older: Sha; readonly newer: Sha }): Promise<boolean>;
  /**
   * The workspace files of a commit, read as objects: no checkout, no hook, no filter. Throws Fault `invalid` with every
   * entry that is not a regular file with a plain name, or beyond a limit, before any content is read.
   */
  snapshot(commit: Sha, prefix: string): Promise<Snapshot>;
  /** Folders with a workspace file, sorted; '' is the top. */
  workspaces(commit: Sha): Promise<readonly string[]>;
  /** Address of `origin`; null when there is none. Throws Fault `usage` when it is one that is not allowed. */
  remoteUrl(): Promise<string | null>;
  /** Files below the folder that differ from HEAD or are new. Empty for a mirror. */
  dirty(prefix?: string): Promise<readonly string[]>;
  /** The workspace files as they are on disk, under the same rules. Throws Fault `usage` for a mirror. */
  worktree(prefix: string): Promise<Pick<Snapshot, 'files'>>;
}
