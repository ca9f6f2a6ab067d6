/** A file that only grows. */
export interface JournalFile {
  append(text: string): Promise<void>;
  /** Resolves when everything appended so far would survive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Files of one workspace on this machine. All of them can be lost without losing recorded state: the chain is the record.
 * Every method throws Fault `unavailable` when the disk refuses.
 */
export interface StateDisk {
  read(name: string): Promise<string | null>;
  /** Replaces a file as a whole; durable when it resolves, unless `cache`. */
  replace(name: string, text: string, options?: { readonly cache: boolean }): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names, sorted. */
  list(): Promise<readonly string[]>;
  /** Moves a file out of the way, for people to look at. */
  setAside(name: string): Promise<void>;
  /** Opens a new, empty journal. */
  journal(name: string): Promise<JournalFile>;
}

/** Processes of this machine, so that a writer that died here need not be waited for. */
export interface Processes {
  /** Identifies the running process beyond its number, which may be used again. */
  self(): string;
  /** False only when it is certain that the process ended. */
  alive(process: string): boolean;
}
