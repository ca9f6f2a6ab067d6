/** Where a host is and how it proves who it is. Nothing is sent to a host whose key is not the pinned one. */
export interface HostTarget {
  /** IP address or name. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The one key that the host may show: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
  /** A host that is passed on the way, where this one is not reached directly. */
  readonly via?: HostTarget;
}

/** One command of a host. `argv` reaches the program word by word: no shell parses it. */
export interface HostCommand {
  readonly argv: readonly string[];
  /** What the program reads. Secrets come this way, never as words: others on the host can see those. */
  readonly stdin?: string | Uint8Array;
  /** After this the program and all that it started are killed on the host. */
  readonly timeoutMs: number;
  /** As root, through sudo where the login user is somebody else. */
  readonly asRoot?: boolean;
}

/** What a command came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** More was said than is kept. */
  readonly isCut: boolean;
}

/**
 * One connection to one host, reused by every command. `run` returns for any exit code, and throws a `ProviderFault`
 * otherwise: `transient` when the command was never started, `unknown-outcome` when the connection was lost or the time
 * was up after it began, `forbidden` when the host shows another key, `unauthenticated` when it refuses ours.
 */
export interface HostSession {
  run(command: HostCommand): Promise<Ran>;
  close(): Promise<void>;
}

/** Opens a session, or hands out the one that is open. */
export type OpenHost = (target: HostTarget) => Promise<HostSession>;
