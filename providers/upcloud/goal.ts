import { z } from 'zod';
import type { JsonObject } from '../../schemas/json.ts';
import type { Owner } from '../../schemas/owner.ts';
import type { CreateRequest, DeleteRequest, PendingToken, UpdateRequest } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { compiledRules } from './rules.ts';
import { FirewallRule } from './replies.ts';

const OwnerShape = z.object({ workspace: z.string(), lineage: z.string(), address: z.string(), opId: z.string() });
const Fields = z.record(z.string(), z.json());

const Shape = z.object({
  verb: z.enum(['create', 'update', 'adopt', 'delete']),
  owner: OwnerShape,
  protect: z.boolean(),
  before: Fields,
  spec: Fields,
  fields: z.array(z.string()),
  /** The rule list of the server; absent where it is not ours to change. */
  rules: z.array(FirewallRule).optional(),
  /** Milliseconds since 1970 after which a server that does not stop by itself is switched off. */
  hardAfter: z.number().optional(),
});
/**
 * What an object shall become. It is written to the journal with a pending token, so it holds no secret; every step
 * towards it is chosen by looking at the object, so that a crash between two steps loses nothing.
 */
export interface Goal extends Omit<z.infer<typeof Shape>, 'owner' | 'before' | 'spec'> {
  readonly owner: Owner;
  readonly before: Spec;
  readonly spec: Spec;
}

/** Fields that a token must not hold, because they may hold secrets; nothing can change them after creation. */
const SECRET = new Set(['userData']);

function open(spec: Spec): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !SECRET.has(field)));
}

export function goalOf(verb: 'create', request: CreateRequest): Goal;
export function goalOf(verb: 'update' | 'adopt', request: UpdateRequest): Goal;
export function goalOf(verb: 'create' | 'update' | 'adopt', request: CreateRequest & Partial<UpdateRequest>): Goal {
  const fields = request.fields ?? Object.keys(request.spec);
  const isRuled = request.kind === 'server' && fields.includes('firewalls');
  return {
    verb,
    owner: request.owner,
    protect: request.protect,
    before: open(request.before ?? {}),
    spec: open(request.spec),
    fields: fields.filter(field => !SECRET.has(field)),
    ...(isRuled ? { rules: [...compiledRules(request.spec, request.virtual ?? {})] } : {}),
  };
}

export function goneGoal(request: DeleteRequest): Goal {
  return { verb: 'delete', owner: request.owner, protect: false, before: {}, spec: {}, fields: [] };
}

/** A token that leads to the goal, in this process or the next. */
export function tokenFor(
  object: { readonly kind: string; readonly id: string },
  goal: Goal,
  pollMs: number,
): PendingToken {
  return { kind: object.kind, id: object.id, wait: goal as unknown as JsonObject, pollMs };
}

/** The goal of a token; undefined when it is none of ours. */
export function goalIn(token: PendingToken): Goal | undefined {
  const parsed = Shape.safeParse(token.wait);
  return parsed.success ? (parsed.data as Goal) : undefined;
}
