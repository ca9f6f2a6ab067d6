import { z } from 'zod';
import { type JsonObject, isObject } from '../../schemas/json.ts';
import { kindNamed } from '../../schemas/kinds/index.ts';
import type { KindName } from '../../schemas/name.ts';
import type { CreateRequest, DeleteRequest, PendingToken, UpdateRequest } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from './kind.ts';

const Fields = z.custom<JsonObject>(isObject);
const GoalWords = z.object({
  verb: z.enum(['create', 'update', 'adopt', 'delete']),
  owner: z.object({ workspace: z.string(), lineage: z.string(), address: z.string(), opId: z.string() }),
  spec: Fields,
  before: Fields,
  fields: z.array(z.string()),
  protect: z.boolean(),
  since: z.number(),
});

type Request = CreateRequest | UpdateRequest | DeleteRequest;

/** What a request wants, without what must not be written down. */
export function goalOf(verb: Goal['verb'], request: Request, since: number): Goal {
  const { kind, owner } = request;
  const spec = 'spec' in request ? shown(kind, request.spec) : {};
  const before = 'before' in request ? shown(kind, request.before) : {};
  const fields = 'fields' in request ? request.fields : Object.keys(spec);
  const protect = 'protect' in request && request.protect;
  return { verb, owner, spec, before, fields, protect, since };
}

function shown(kind: KindName, spec: Spec): Spec {
  const rules = kindNamed(kind)?.fields ?? {};
  return Object.fromEntries(Object.entries(spec).filter(([field]) => rules[field]?.writeOnly !== true));
}

const POLL_MS = 2_000;

/** Goes on with the goal later, in any process. */
export function tokenFor(object: { readonly kind: KindName; readonly id: string }, goal: Goal): PendingToken {
  const wait = { ...goal, owner: { ...goal.owner }, fields: [...goal.fields] } as unknown as JsonObject;
  return { kind: object.kind, id: object.id, wait, pollMs: POLL_MS };
}

/** The goal of a token; null for one that only says which object is watched. */
export function goalIn(token: PendingToken): Goal | null {
  const parsed = GoalWords.safeParse(token.wait);
  return parsed.success ? (parsed.data as Goal) : null;
}
