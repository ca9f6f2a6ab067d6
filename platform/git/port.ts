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

/** What reviewing needs beside reading: the commits of pull requests, their merge, and branches of our own. Adapter: a mirror. */
export interface ReviewGit {
  /** Brings one ref of the remote here, such as `refs/pull/7/head`; null when the remote has none. */
  fetchRef(ref: string): Promise<Sha | null>;
  /** The commit that merging would make, with a fixed author and time, so that the same two commits always give the same one; null when they conflict. */
  merge(commits: { readonly onto: Sha; readonly head: Sha }): Promise<Sha | null>;
  /** A merge commit in any case, with a message: what a person's merge makes. Null when they conflict. */
  mergeCommit(what: { readonly onto: Sha; readonly head: Sha; readonly message: string }): Promise<Sha | null>;
  /** The newest commit that both descend from; null when there is none. */
  fork(commits: { readonly onto: Sha; readonly head: Sha }): Promise<Sha | null>;
  /** Tree of a folder in a commit; null when it is not there. */
  tree(commit: Sha, prefix: string): Promise<Sha | null>;
  /** The first parent; null for a root. */
  parent(commit: Sha): Promise<Sha | null>;
  /** Commits by first parents after `older` up to `newer`, oldest first, at most the newest 500; all of these when `older` is null; null when `older` is none of them. */
  line(commits: { readonly older: Sha | null; readonly newer: Sha }): Promise<readonly Sha[] | null>;
  /** A commit on top of another that writes files, by path from the top of the repository. */
  commit(write: {
    readonly onto: Sha;
    readonly files: ReadonlyMap<string, Uint8Array>;
    readonly message: string;
  }): Promise<Sha>;
  /** A commit on top of another that takes one commit back; null when that conflicts. */
  revert(what: { readonly commit: Sha; readonly onto: Sha; readonly message: string }): Promise<Sha | null>;
  /** Makes a branch of the remote point to a commit of ours; false when it is there already and somewhere else. */
  push(branch: string, commit: Sha): Promise<boolean>;
}
