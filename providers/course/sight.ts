import type { Failpoint } from '../../schemas/failpoint.ts';
import type { Json } from '../../schemas/json.ts';
import type { KindName } from '../../schemas/name.ts';
import type {
  CallContext,
  CreateRequest,
  Observed,
  ProviderError,
  ProviderErrorClass,
  ProviderFault,
  UpdateRequest,
} from '../../schemas/provider.ts';
import type { Labels } from '../transport/labels.ts';
import type { Goal } from './goal.ts';

/** One request that brings an object closer to its goal. */
export interface Step {
  /** Sends it; resolves with the ids of the actions that the cloud now works on. `accepted` is reached between sending and reading. */
  send(ctx: CallContext, accepted: Failpoint | undefined): Promise<readonly string[]>;
  /** It deletes the object itself. */
  readonly isEnd?: true;
  /** The goal remembers until when, in milliseconds since 1970, the object may take to stop by itself. */
  readonly hardAfter?: number;
}

/** What comes next: a request, waiting, or nothing. */
export type Move = Step | 'wait' | null;

/** An object as it was seen, and the ways from there. */
export interface Sight {
  readonly observed: Observed;
  readonly labels: Labels;
  /** The cloud works on it and would refuse a change. */
  readonly isBusy: boolean;
  /** It runs, or will; a thing that cannot be stopped always does. */
  readonly isRunning: boolean;
  /** The next request towards the goal, or null when it is reached. */
  toward(ctx: CallContext, goal: Goal): Move | Promise<Move>;
  /** The next request towards its end. */
  away(ctx: CallContext, goal: Goal): Move | Promise<Move>;
}

/** One kind at one account. */
export interface CourseKind {
  /** Null only when the cloud says that there is no such object. */
  look(ctx: CallContext, id: string): Promise<Sight | null>;
  /** Sends the one request that makes the object. */
  create(
    ctx: CallContext,
    request: CreateRequest,
  ): Promise<{ readonly sight: Sight; readonly actions: readonly string[] }>;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Deleting takes a while after the cloud took the request: it is over when there is nothing left to see. */
  readonly lingers?: true;
}

/** What the steps must know about a cloud. */
export interface CourseCloud {
  /** The cloud as people call it. */
  readonly name: string;
  /** The kind; throws ProviderFault `unsupported` for one that it does not have. */
  kindFor(kind: KindName): CourseKind;
  fault(
    kind: ProviderErrorClass,
    code: string,
    what: string,
    more?: Partial<ProviderError> & { readonly why?: string },
  ): ProviderFault;
  /** What a goal has to remember that only the request tells; nothing secret. */
  extraOf?(request: CreateRequest | UpdateRequest): Json | undefined;
  /** Objects of the kind cannot say whose they are: our record is asked before the cloud is. */
  isRecorded?(kind: KindName): boolean;
}
