import type { Json, JsonObject } from '../../schemas/json.ts';

/** One HTTP request as the cloud sees it. Header names are lower case. */
export interface CloudRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/**
 * How an answer travels. answer: whole. lost: the connection ends without a byte. cut: it ends in the middle of the body.
 * drip: whole, but a few bytes at a time.
 */
type Wire = 'answer' | 'lost' | 'cut' | 'drip';

export interface CloudReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Milliseconds the answer takes; the effect has happened before. */
  readonly delayMs: number;
  readonly wire: Wire;
  /** Milliseconds over which a dripping body is spread. */
  readonly dripMs: number;
}

/** A thing in the cloud. Immutable: a change makes a new one under the same id. */
export interface CloudObject {
  readonly id: string;
  /** Position in the order of creation; listings follow it. */
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  /** What was asked for, in the words of the API. References are ids. */
  readonly fields: JsonObject;
  /** What the cloud added: addresses, device names, fingerprints. */
  readonly outputs: JsonObject;
  readonly state: string;
  readonly protection: boolean;
  readonly createdAt: number;
  /** Wall milliseconds until which no listing and no read shows it, besides the read lag of the profile. */
  readonly hiddenUntil: number;
  /** The action that runs on it. */
  readonly action: string | null;
  /** Who changed it last without the API, and when in wall milliseconds. */
  readonly changed?: { readonly by: string; readonly at: number } | null;
}

/** A deleted object: an eventually consistent listing still shows it for a while. */
export interface Grave {
  readonly object: CloudObject;
  readonly deletedAt: number;
  readonly listedUntil: number;
}

export type Command = 'create' | 'resize' | 'delete';

/** Something that takes longer than its request. */
export interface CloudAction {
  readonly id: string;
  readonly command: Command;
  readonly object: string;
  readonly kind: string;
  readonly status: 'running' | 'success' | 'error';
  readonly startedAt: number;
  /** Null when it never ends. */
  readonly endsAt: number | null;
  /** Fields that hold from the end on. */
  readonly fields: JsonObject;
  /** The error it will end with. */
  readonly fails: string | null;
  /** Milliseconds for which listings still show what it deleted. */
  readonly listedMs: number;
}

/** A create that came with an idempotency token: what it made, and for which parameters. */
export interface TokenUse {
  readonly token: string;
  readonly object: string;
  readonly digest: string;
}

export type Operation =
  | 'create'
  | 'read'
  | 'list'
  | 'update'
  | 'action'
  | 'delete'
  | 'poll'
  | 'catalogue'
  | 'account'
  | 'admin'
  | 'none';

/** One line of the ledger: what was asked, and what became of it. Nothing in it was decided by who asked. */
export interface LedgerEntry {
  readonly seq: number;
  /** Wall milliseconds at which the request arrived. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly kind: string | null;
  /** The object that was addressed or made. */
  readonly id: string | null;
  readonly token: string | null;
  /** Operation id, workspace and address as they stand in the labels of the object or of the body. */
  readonly opId: string | null;
  readonly workspace: string | null;
  readonly address: string | null;
  /** What the client says about itself in `x-provisioning-client` and `x-provisioning-epoch`. */
  readonly client: string | null;
  readonly epoch: string | null;
  /** SHA-256 of the body; null without one. */
  readonly bodyDigest: string | null;
  /** `created srv-12`, `changed net-3`, `deleted vol-4`, several joined with `, `, or `none`. */
  readonly effect: string;
  readonly status: number;
  /** The fault that fired. */
  readonly fault: { readonly rule: string; readonly name: string } | null;
}

/** What one request changed. A ledger line with its writes is all that is needed to build the cloud again. */
export interface Writes {
  readonly objects: readonly CloudObject[];
  readonly graves: readonly Grave[];
  readonly actions: readonly CloudAction[];
  readonly tokens: readonly TokenUse[];
  readonly settings: Json | null;
  readonly rules: Json | null;
}

/** One line of the journal on disk. */
export interface JournalLine {
  readonly entry: LedgerEntry;
  readonly writes?: Partial<Writes>;
}

/** A request the cloud refuses. `body` is merged into the error object of the answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: JsonObject;
  constructor(status: number, code: string, message: string, extra: JsonObject = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}
