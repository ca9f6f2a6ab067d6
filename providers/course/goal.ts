import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../schemas/json.ts';
import { kindNamed } from '../../schemas/kinds/index.ts';
import type { KindName } from '../../schemas/name.ts';
import type { CreateRequest, DeleteRequest, Observed, PendingToken, UpdateRequest } from '../../schemas/provider.ts';
import type { Owner } from '../../schemas/owner.ts';
import type { Spec } from '../../schemas/resource.ts';

const Fields = z.custom<JsonObject>(isObject);

const Words = z.object({
  verb: z.enum(['create', 'update', 'adopt', 'delete']),
  owner: z.object({ workspace: z.string(), lineage: z.string(), address: z.string(), opId: z.string() }),
  protect: z.boolean(),
  before: Fields,
  spec: Fields,
  fields: z.array(z.string()),
  since: z.number(),
  actions: z.array(z.string()),
  isRunning: z.boolean(),
  hardAfter: z.number().optional(),
  extra: z.json().optional(),
});

/**
 * What an object shall become. It stands in the journal with a pending token, so it holds nothing secret. Every step
 * towards it is chosen by looking at the object, so that a crash between two steps loses nothing.
 */
export interface Goal {
  readonly verb: 'create' | 'update' | 'adopt' | 'delete';
  readonly owner: Owner;
  readonly protect: boolean;
  readonly before: Spec;
  readonly spec: Spec;
  readonly fields: readonly string[];
  /** Milliseconds since 1970 at which the last thing was asked of the cloud. */
  readonly since: number;
  /** Ids of the actions of the cloud that have to end before the next look. */
  readonly actions: readonly string[];
  /** It runs in the end: a server that is stopped on the way is started again. */
  readonly isRunning: boolean;
  /** Milliseconds since 1970 after which what was asked to stop, and does not, is switched off. */
  readonly hardAfter?: number;
  /** What the cloud has to remember besides, nothing secret either. */
  readonly extra?: Json;
}

type Request = CreateRequest | UpdateRequest | DeleteRequest;

/** What a request wants, without what must not be written down. */
export function goalOf(verb: Goal['verb'], request: Request, more: Pick<Goal, 'since' | 'extra'>): Goal {
  const { kind, owner } = request;
  const spec = 'spec' in request ? shown(kind, request.spec) : {};
  return {
    verb,
    owner,
    protect: 'protect' in request && request.protect,
    before: 'before' in request ? shown(kind, request.before) : {},
    spec,
    fields: 'fields' in request ? request.fields : Object.keys(spec),
    ...more,
    actions: [],
    isRunning: true,
  };
}

function shown(kind: KindName, spec: Spec): Spec {
  const rules = kindNamed(kind)?.fields ?? {};
  return Object.fromEntries(Object.entries(spec).filter(([field]) => rules[field]?.writeOnly !== true));
}

/** A token that leads to the goal, in this process or the next. */
export function tokenFor(
  object: { readonly kind: KindName; readonly id: string },
  goal: Goal,
  pollMs: number,
): PendingToken {
  return { kind: object.kind, id: object.id, wait: goal as unknown as JsonObject, pollMs };
}

/** The goal of a token; undefined when it holds none. */
export function goalIn(token: PendingToken): Goal | undefined {
  const parsed = Words.safeParse(token.wait);
  return parsed.success ? (parsed.data as Goal) : undefined;
}

/** The goal of an object that is ours and was left half made: to be what it says of itself. Null when it is nobody's. */
export function ownGoal({ owner, spec, protected: protect }: Observed, since: number): Goal | null {
  if (owner === null) return null;
  return { verb: 'create', owner, protect, before: spec, spec, fields: [], since, actions: [], isRunning: true };
}
