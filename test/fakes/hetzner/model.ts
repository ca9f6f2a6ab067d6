/** Anything that is sent or kept. */
export interface Fields {
  [field: string]: unknown;
}

/** The collections of the API that the fake keeps objects of. */
export const COLLECTIONS = [
  'servers',
  'networks',
  'volumes',
  'firewalls',
  'ssh_keys',
  'load_balancers',
  'floating_ips',
  'placement_groups',
] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** An object as it is kept: nearly as it is sent, with references to the catalogue as names. */
export interface Kept extends Fields {
  id: number;
  name: string;
  labels: { [key: string]: string };
  /** Milliseconds since 1970. */
  created: number;
  protection: { delete: boolean; rebuild?: boolean };
}

/** What an action does when it ends. */
export type Effect =
  | { readonly collection: Collection; readonly id: number; readonly patch: Fields }
  | { readonly collection: Collection; readonly id: number; readonly gone: true };

export interface KeptAction {
  readonly id: number;
  readonly command: string;
  readonly started: number;
  /** Milliseconds since 1970 at which it ends; null when it never does. */
  endsAt: number | null;
  readonly resources: readonly { readonly id: number; readonly type: string }[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly effects: readonly Effect[];
  isSettled: boolean;
}

export interface State extends Record<Collection, { [id: string]: Kept }> {
  serial: number;
  actions: { [id: string]: KeptAction };
}

export interface Settings {
  /** Null: any token is taken. */
  readonly token: string | null;
  readonly latencyMs: number;
  readonly actionMs: number;
  /** Time that a machine takes to stop after it was told to; null: it does not listen. */
  readonly shutdownMs: number | null;
  /** Requests of the bucket, and how many come back in a second. */
  readonly bucket: { readonly limit: number; readonly perSecond: number };
  /** Most objects of a collection. */
  readonly limits: { readonly [collection: string]: number };
  /** Size and location pairs that are sold out: `cx23 fsn1`. */
  readonly soldOut: readonly string[];
}

export interface FakeRequest {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

export interface FakeReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly delayMs: number;
  /** What becomes of it on the wire: arrives, never arrives, breaks off, or comes in drops. */
  readonly wire: 'answer' | 'lost' | 'cut' | 'drip';
  readonly dripMs: number;
}

/** One request that is worked on. */
export interface Turn {
  readonly state: State;
  readonly settings: Settings;
  readonly now: number;
  readonly query: URLSearchParams;
  readonly body: Fields;
  /** What the path left open. */
  readonly args: readonly string[];
  /** A fault that changes how the action goes. */
  readonly bend: 'fails' | 'stuck' | null;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Of the object that the request is about. */
  readonly id?: number;
}

/** A request that the API refuses, by a rule of `rules.ts`. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  constructor(status: number, code: string, message: string, details: unknown = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}
