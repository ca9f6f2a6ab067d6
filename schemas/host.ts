import type { SecretRef } from './secret.ts';

/**
 * With what we log in. `agent` is the SSH agent of this machine; otherwise a secret holds a private key or the path of
 * one, and another its passphrase. Absent: `PROVISIONING_SSH_KEY` where it is set, and the agent.
 */
export interface HostIdentity {
  readonly key: 'agent' | SecretRef;
  readonly passphrase?: SecretRef;
}

/** Where a host is and how it proves who it is. Nothing is sent to a host whose key is not the pinned one. */
export interface HostTarget {
  /** IP address or name. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The one key that the host may show: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
  readonly identity?: HostIdentity;
  /** A host that is passed on the way, where this one is not reached directly. */
  readonly via?: HostTarget;
}

/** One command of a host. `argv` reaches the program word by word: no shell parses it. */
export interface HostCommand {
  readonly argv: readonly string[];
  /** What the program reads. Secrets come this way, never as words: others on the host can see those. */
  readonly stdin?: string | Uint8Array;
  /**
   * After this the program and whatever it started in its process group are killed on the host, in whole seconds rounded
   * up. It counts on the host, so that it holds when nobody is connected any more.
   */
  readonly timeoutMs: number;
  /** As root, through sudo where the login user is somebody else. */
  readonly asRoot?: boolean;
  /** Gives up waiting. The program goes on until its time is up. */
  readonly signal?: AbortSignal;
}

/** What a command came to. `stdout` and `stderr` are as the program wrote them: whoever shows them cleans them. */
export interface Ran {
  /** Exit code; 128 and the number of the signal for a program that was killed by one. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** More was said than is kept: 1 MiB of each. */
  readonly isCut: boolean;
}

/**
 * One connection to one host, shared by everybody who opened the same target, and opened again when it was lost. `run`
 * returns for any exit code, and throws a `ProviderFault` otherwise: `transient` when the command was certainly never
 * started, `unknown-outcome` when the connection was lost or the time was up after it may have begun, `forbidden` when the
 * host shows another key than the pinned one, none is pinned, or it lets us not become root, `unauthenticated` when it refuses our key,
 * `invalid-input` for words that cannot be sent (none at all, a NUL, half a character, more than 120 KiB).
 */
export interface HostSession {
  run(command: HostCommand): Promise<Ran>;
  /** Ends the connection when the commands in it have ended. It is opened again by the next command of anybody. */
  close(): Promise<void>;
}

/** Opens a session, or hands out the one that is open. Throws like `run`, before any command. */
export type OpenHost = (target: HostTarget) => Promise<HostSession>;
