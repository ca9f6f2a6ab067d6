import type { HttpFetch } from './http.ts';
import type { ZodType } from 'zod';
import type { Json, JsonObject } from './json.ts';
import type { KindOverride } from './kind.ts';
import type { KindName, WorkspaceKey } from './name.ts';
import type { Owner } from './owner.ts';
import type { Price } from './plan.ts';
import type { Spec } from './resource.ts';
import type { Secrets } from './secret.ts';
import type { World } from './world.ts';

/** What went wrong at a provider, by what the engine must do next (`cloud-apis` error taxonomy). */
export const PROVIDER_ERRORS = [
  'invalid-input',
  'unauthenticated',
  'forbidden',
  'not-found',
  'already-exists',
  'conflict',
  'locked',
  'state',
  'dependency',
  'protected',
  'quota',
  'capacity',
  'rate-limited',
  'transient',
  'unknown-outcome',
  'timeout',
  'partial',
  'unsupported',
  'drift-api',
  'bug',
] as const;
export type ProviderErrorClass = (typeof PROVIDER_ERRORS)[number];

/** What a provider answered instead of success, in our words; the raw reply is never kept. */
export interface ProviderError {
  readonly class: ProviderErrorClass;
  /** The provider's own code, for example `uniqueness_error`. */
  readonly code: string;
  /** One sentence of ours. Never the provider's raw body, which may echo what was sent. */
  readonly message: string;
  readonly status?: number;
  /** Milliseconds to wait before the bucket may be used again (429, 503). */
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  /** The object exists although the call failed: its id is recorded before anything else. */
  readonly partialId?: string;
}

/** Thrown by every provider call that does not succeed. */
export class ProviderFault extends Error {
  readonly error: ProviderError;
  constructor(error: ProviderError, cause?: unknown) {
    super(error.message, cause === undefined ? {} : { cause });
    this.name = 'ProviderFault';
    this.error = error;
  }
}

/**
 * How a cloud keeps two attempts of one create apart, and so how an unknown result is looked up. `ask`: it does not at
 * all, so that what could be the result is shown to a person.
 */
export type Idempotency = 'client-token' | 'unique-name' | 'label-scan' | 'ask';

/** Why a cloud cannot make or keep an object as it is described. */
export interface Refusal {
  /** Stable word of the provider, for programs. */
  readonly code: string;
  /** Field of the spec that says what cannot be, or that is missing. */
  readonly field: string;
  /** In words, with what to write instead. */
  readonly why: string;
}

/** What one cloud can do for one kind, as data. */
export interface KindCapability {
  readonly idempotency: Idempotency;
  /** Longest time in milliseconds after which a created object must be visible in a listing; absence is believed only after it. */
  readonly visibleAfterMs: number;
  readonly override?: KindOverride;
  /**
   * `labels` (the default): an object says itself whose it is. `record`: it cannot carry labels, so that it is ours
   * when our record has its id; the provider returns such objects with the owner null, and checks no owner.
   */
  readonly ownedBy?: 'labels' | 'record';
  /**
   * The cloud has no object for it: it is kept in the record alone, and written into the objects that refer to it (an
   * SSH key that is a line in a server's creation). The provider is never asked about one; it gets its spec in `virtual`
   * of the requests that refer to it. Every change of one gives it a new id, so that what refers to it changes too.
   */
  readonly virtual?: true;
  /**
   * It is part of a server, and what there is of it goes with that: where a plan deletes the server as well, nobody is asked
   * to remove it first. `unless-others-stay`: removing it also changes something elsewhere (a member leaves its cluster),
   * so that this holds only where everything is destroyed.
   */
  readonly goesWithServer?: 'always' | 'unless-others-stay';
  /** What a virtual object shows besides its id; its spec says it all. */
  readonly outputs?: (spec: Spec) => { readonly [output: string]: Json };
  /** What speaks against a spec, however much of it is still unknown. The plan says it; whoever asks anyway is refused with the same words. */
  readonly refuses?: (spec: Spec) => Refusal | undefined;
}

/** A real object as the provider shows it. */
export interface Observed {
  readonly kind: KindName;
  readonly id: string;
  readonly name: string;
  /** Fields in the words of the kind's spec, references as provider ids. Fields that the provider never returns are absent. */
  readonly spec: Spec;
  readonly outputs: { readonly [output: string]: Json };
  /** Null when it carries no ownership labels of ours. */
  readonly owner: Owner | null;
  readonly phase: 'ready' | 'pending' | 'failed' | 'deleting';
  readonly protected: boolean;
  /** Milliseconds since 1970, by the provider's clock. */
  readonly createdAt: number;
  /** The provider can say that something else uses it (a volume in a server, a server behind a load balancer). */
  readonly attached: boolean;
  /**
   * In what it is not as it was last written, in words, where that cannot be told by fields: files and packages of a
   * service on a server. Absent when it is as written.
   */
  readonly astray?: readonly string[];
  /** Who changed it last, and when (wall milliseconds), where the listing of the cloud tells. No part of what a plan pins. */
  readonly changed?: { readonly by: string; readonly at: number };
  /** Why nobody could look at it, so that it is shown as it was recorded: the server it is on does not answer. */
  readonly unseen?: string;
}

/** Continues an asynchronous action, in this process or the next. Written to the journal as it is. */
export interface PendingToken {
  readonly kind: KindName;
  readonly id: string;
  /** What is waited for, in the provider's own words. Null only names the object: the provider goes on from what it is. */
  readonly wait: Json;
  /** Milliseconds to wait before the first poll. */
  readonly pollMs: number;
}

/** How a write ended so far: done, still going on, or there is nothing left. */
export type Outcome =
  | { readonly status: 'done'; readonly object: Observed }
  | { readonly status: 'pending'; readonly token: PendingToken }
  | { readonly status: 'gone' };

/** What a provider call may use. It must not touch time, randomness or the network by any other way. */
export interface CallContext {
  readonly world: World;
  readonly signal: AbortSignal;
  /** The simulator and the tests put their own here. */
  readonly fetch: HttpFetch;
  /** Longest time for one request in milliseconds; shorter than a third of the lease. */
  readonly timeoutMs: number;
}

/** What to create, for whom. References are already resolved to ids. */
export interface CreateRequest {
  readonly kind: KindName;
  readonly owner: Owner;
  /** Every reference resolved. */
  readonly spec: Spec;
  readonly protect: boolean;
  /** Specs of the virtual objects that `spec` refers to, by their ids. */
  readonly virtual?: { readonly [id: string]: Spec };
}

/** Which create to look for. `spec` is what it asked for. */
export interface FindRequest {
  readonly kind: KindName;
  readonly owner: Owner;
  readonly spec: Spec;
}

/** What to change on the object `id`, from `before` to `spec`. */
export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly before: Spec;
  /** The fields that differ; empty when only owner or protection changes. */
  readonly fields: readonly string[];
}

/** Which object to delete, and whose it must be. */
export interface DeleteRequest {
  readonly kind: KindName;
  readonly id: string;
  readonly owner: Owner;
}

/** What could be had, for findings at plan time. Null where the provider does not say. */
export interface Catalogue {
  readonly sizes: readonly {
    readonly name: string;
    readonly kind: KindName;
    readonly zones: readonly string[];
    readonly stock: number | null;
    readonly monthly: number;
  }[];
  readonly images: readonly {
    readonly name: string;
    readonly zones: readonly string[];
    /** It is not there yet; the command that makes it. */
    readonly make?: string;
  }[];
  readonly zones: readonly string[];
  readonly quotas: readonly { readonly kind: KindName; readonly limit: number; readonly used: number }[];
  /** Price per month of one object or one GiB in 1/10,000 of the currency. */
  readonly prices: readonly { readonly kind: KindName; readonly per: 'object' | 'gib'; readonly monthly: number }[];
  /** Null where nothing is ever charged. */
  readonly currency: Price['currency'] | null;
}

/** A configured account at a provider. Every method throws ProviderFault and nothing else. No method waits longer than one request. */
export interface Connection {
  /** The account as the provider names it: shown in the plan; another account than recorded is refused. */
  readonly account: string;
  /**
   * All objects that carry the ownership label of this workspace. It either returns a complete listing or throws:
   * absence counts only from here. Costs calls by the page, not by the object.
   */
  list(ctx: CallContext, workspace: WorkspaceKey): Promise<readonly Observed[]>;
  /** All objects of the account, whoever owns them, for import. Complete, or it throws. */
  scan(ctx: CallContext): Promise<readonly Observed[]>;
  /**
   * Objects that an earlier attempt of this operation may have left: by label, token or unique name, whatever the cloud
   * offers. Where it offers nothing (`ask`), every object without an owner that could be the one.
   */
  find(ctx: CallContext, request: FindRequest): Promise<readonly Observed[]>;
  /** One object by id; null only when the provider says that it does not exist. */
  read(ctx: CallContext, object: { readonly kind: KindName; readonly id: string }): Promise<Observed | null>;
  create(ctx: CallContext, request: CreateRequest): Promise<Outcome>;
  update(ctx: CallContext, request: UpdateRequest): Promise<Outcome>;
  /** The absent is already deleted: that is success. Refuses an object whose labels name another owner. */
  delete(ctx: CallContext, request: DeleteRequest): Promise<Outcome>;
  /** Claims an existing object for the owner by writing the labels. */
  adopt(ctx: CallContext, request: UpdateRequest): Promise<Outcome>;
  /** Looks after many pending actions in as few calls as the cloud allows; one result for each token, in order. */
  poll(ctx: CallContext, tokens: readonly PendingToken[]): Promise<readonly (Outcome | ProviderFault)[]>;
  catalogue(ctx: CallContext): Promise<Catalogue>;
}

/** Things that the entry of a provider lists because they exist already, such as machines. A resource names one, and has it alone. */
export interface Inventory {
  readonly kind: KindName;
  /** The field of the kind that names the thing. */
  readonly field: string;
  /** What one is called. The spec of a resource gets the facts of its thing under this word, so that a change of them is a change of the resource. */
  readonly word: string;
  /** All things of a valid entry by name. Two with the same identity are one and the same, whichever entry lists them. */
  listed(config: { readonly [key: string]: unknown }): {
    readonly [name: string]: { readonly identity: string; readonly facts: JsonObject };
  };
}

/** One cloud. Everything but `connect` is data. */
export interface Provider {
  readonly name: string;
  readonly summary: string;
  /** Shape of the provider's entry in the workspace file, without `driver`. */
  readonly config: ZodType;
  readonly inventory?: Inventory;
  /** What this cloud can do for a kind under this configuration; undefined when it does not have the kind. */
  capability(kind: KindName, config: { readonly [key: string]: unknown }): KindCapability | undefined;
  /** Checks the credentials with one call. Throws ProviderFault `unauthenticated` with one clear sentence when they are missing or wrong. */
  connect(ctx: CallContext, config: { readonly [key: string]: unknown }, secrets: Secrets): Promise<Connection>;
}

/** Stable fingerprint input of an observed object: what a plan pins. Labels and volatile times are left out. */
export function pinned(object: Observed): Json {
  return {
    id: object.id,
    kind: object.kind,
    spec: object.spec,
    outputs: object.outputs,
    phase: object.phase,
    protected: object.protected,
    owner: object.owner === null ? null : { ...object.owner },
    ...(object.astray === undefined ? {} : { astray: object.astray }),
  };
}

/** Result of looking at one provider: complete, or not usable for any conclusion about absence. */
export type Observation =
  | { readonly status: 'complete'; readonly account: string; readonly objects: readonly Observed[] }
  | { readonly status: 'unavailable'; readonly why: string };

/** Everything observed, by provider name of the workspace file. A provider that is missing here was not asked. */
export type Observations = { readonly [provider: string]: Observation };
