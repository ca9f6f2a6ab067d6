import type { Sha } from './name.ts';
import type { World } from './world.ts';

/** What one git command answered. A status other than 0 is an answer too: `merge-base --is-ancestor` says no with 1. */
export interface GitAnswer {
  readonly status: number;
  readonly stdout: Uint8Array;
  /** For recognising what happened. Never shown: it may echo addresses and contents. */
  readonly stderr: string;
}

/** Where and with what a command runs. */
export interface GitCall {
  /** Repository on this machine, bare or not. */
  readonly directory: string;
  readonly input?: string | Uint8Array;
  /** Longest duration in milliseconds. */
  readonly timeoutMs?: number;
}

/** A command that talks to a remote. The address is checked before git sees it, and comes after `--`. */
export interface GitNetworkCall {
  readonly directory: string;
  readonly command: 'fetch' | 'push' | 'ls-remote';
  readonly options?: readonly string[];
  readonly remote: string;
  /** Refspecs or patterns, after the remote. */
  readonly refs?: readonly string[];
  /** Longest silence in milliseconds. */
  readonly timeoutMs?: number;
}

/** An object as it is stored; a tree in its raw form. */
export interface GitObject {
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly bytes: Uint8Array;
}

/** What an object is, without its contents. */
export interface GitHeader {
  readonly oid: Sha;
  readonly type: GitObject['type'];
  readonly sizeBytes: number;
}

/** A git command that goes on reading while it runs, such as `fast-import`. */
export interface GitStream {
  /** Resolves when the command took the text; rejects with Fault `unavailable` when it ended before. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** The next line of its answer, without the line end. Rejects with Fault `unavailable` when it ended or stays silent for too long. */
  line(): Promise<string>;
  /** Closes its input and waits for its end; the exit status. */
  end(): Promise<number>;
}

/**
 * Native git on this machine, with a fixed environment: no system or user configuration, no prompts, no hooks of ours,
 * few protocols. Two adapters stand on it: desired state (`platform/git`) and recorded state (`platform/state`).
 */
export interface Git {
  /** Runs a command that stays on this machine. Throws Fault `unavailable` when git is missing or too slow. */
  run(args: readonly string[], call: GitCall): Promise<GitAnswer>;
  /** Output of a command that must succeed, without the last line end. Throws Fault `unavailable` otherwise. */
  text(args: readonly string[], call: GitCall): Promise<string>;
  /** Throws Fault `unavailable` or `denied` that says which of sign-in, address, network or certificate failed. A refused push is an answer. */
  network(call: GitNetworkCall): Promise<GitAnswer>;
  stream(args: readonly string[], call: GitCall): GitStream;
  /** Contents of objects by id or `<commit>:<path>`, in the order asked for; null for what is not there. */
  objects(directory: string, names: readonly string[]): Promise<readonly (GitObject | null)[]>;
  /** Id, type and size of objects without reading them, by anything that names one: `HEAD^{commit}`, `<commit>:<path>`. Null for what is not there, or not one alone. */
  headers(directory: string, names: readonly string[]): Promise<readonly (GitHeader | null)[]>;
  /** Makes a bare repository of our own when there is none, without hooks and with objects checked on arrival. */
  ownBare(directory: string, settings?: { readonly [name: string]: string }): Promise<void>;
  /** Removes lock files that a killed git left in a repository of our own. Throws Fault `locked` when one is so young that its git may live. */
  unlock(directory: string, world: World): Promise<void>;
}
