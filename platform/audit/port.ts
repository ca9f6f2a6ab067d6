import type { Json } from '../../schemas/json.ts';

/** begin: before the effect. end: its outcome. note: a fact inside, such as the run that an operation started. */
export type AuditPhase = 'begin' | 'end' | 'note';

/** What a caller reports. It never holds a value that may be secret: the input is there only as a digest. */
export interface AuditEvent {
  readonly actor: string;
  /** `noun.verb` of the operation, or of the fact. */
  readonly operation: string;
  readonly permission: string;
  /** Workspace, folder or address; empty when there is none. */
  readonly target: string;
  /** Default: `note`. */
  readonly phase?: AuditPhase;
  /** SHA-256 of the canonical input. */
  readonly inputDigest?: string;
  /** `done`, or the code of the fault. */
  readonly outcome?: string;
  /** Sequence of the record that began what this one ends. */
  readonly of?: number;
  /** Plain facts: workspace, environment, digest, address, commit, run. */
  readonly facts?: { readonly [key: string]: Json };
}

/** One line of the log. Each holds the hash of the line before it, so nothing can be changed or taken out unseen. */
export interface AuditRecord {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the record before; 64 zeros for the first. */
  readonly prev: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly operation: string;
  readonly permission: string;
  readonly target: string;
  readonly phase: AuditPhase;
  readonly inputDigest: string | null;
  readonly outcome: string | null;
  readonly of: number | null;
  readonly facts: { readonly [key: string]: Json };
  /** SHA-256 of the canonical text of all other fields. */
  readonly hash: string;
}

/** Result of checking the whole chain. */
export interface AuditReport {
  readonly records: number;
  /** Hash of the newest record; keep it elsewhere to notice that the end was cut off. */
  readonly head: string;
  readonly problems: readonly { readonly line: number; readonly what: string }[];
}

/** The audit log of this machine. */
export interface AuditLog {
  /** Durable on disk when it resolves. Throws Fault `unavailable` when it cannot be written: then the effect must not happen. */
  record(event: AuditEvent): Promise<AuditRecord>;
  /** The newest records, newest first. Throws Fault `integrity` when a line is damaged. */
  list(options: { readonly limit: number }): Promise<readonly AuditRecord[]>;
  /** Checks every line, hash and sequence. Changes nothing. */
  verify(): Promise<AuditReport>;
}
