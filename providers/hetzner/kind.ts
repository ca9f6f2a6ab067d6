import { z, type ZodType } from 'zod';
import type { Json } from '../../schemas/json.ts';
import type { KindName } from '../../schemas/name.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import { type CallContext, type CreateRequest, type Observed, ProviderFault } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import type { CourseKind, Move, Sight, Step } from '../course/sight.ts';
import { type Labels, PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { sameJson } from '../../schemas/json.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { newLabels, wantedLabels, wantedName, withoutSubnets } from './labels.ts';
import { pagesOf } from './pages.ts';
import { Ordered, Page, runningOf, Started } from './replies.ts';

/** What every object of the API has. */
export interface Own {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly created: string;
  readonly protection?: { readonly delete: boolean };
}

/** What a kind says of one of its objects. */
export interface Shown {
  readonly spec: Spec;
  readonly outputs: { readonly [output: string]: Json };
  readonly phase?: Observed['phase'];
  readonly attached?: boolean;
  readonly isBusy?: boolean;
  /** It cannot even be deleted just now; where left out, that is when it is busy. */
  readonly isLocked?: boolean;
  readonly isRunning?: boolean;
}

/** How Hetzner Cloud writes a kind that has objects of its own. */
export interface Definition<T extends Own> {
  readonly kind: KindName;
  /** Word in paths: `servers`. */
  readonly collection: string;
  /** Word in answers: `server`. */
  readonly member: string;
  readonly reply: ZodType<T>;
  readonly pollMs: number;
  /** The API itself refuses to delete a protected one. */
  readonly hasProtection: boolean;
  show(ctx: CallContext, account: Account, object: T): Shown | Promise<Shown>;
  /** The body of the creation besides name and labels. */
  body(ctx: CallContext, account: Account, request: CreateRequest): Promise<BodyOf> | BodyOf;
  /** Throws before the first request when the goal cannot be reached, as far as that can be known. */
  admit?(ctx: CallContext, account: Account, object: T, goal: Goal): Promise<void>;
  /** The next request towards a goal, once name, labels and protection are right. */
  next?(ctx: CallContext, account: Account, object: T, goal: Goal): Move | Promise<Move>;
  /** What must go before the object itself can be deleted. */
  release?(account: Account, object: T): Move;
  /** What is remembered in labels; null forgets. */
  memo?(goal: Goal, object: T): { readonly [key: string]: string | null };
}

export interface BodyOf {
  readonly body: { readonly [field: string]: unknown };
  readonly memo?: Labels;
}

/** A kind at one account: as the steps want it, and with its listings. */
export interface HetznerKind extends CourseKind {
  list(ctx: CallContext, selector: string | null): Promise<readonly Observed[]>;
  /** Those with a value that no two can have. */
  where(ctx: CallContext, unique: { readonly [field: string]: string }): Promise<readonly Observed[]>;
}

/** A reference as the number that the API wants. */
export function refId(value: unknown, what: string): number {
  if (typeof value === 'string' && /^\d{1,16}$/.test(value)) return Number(value);
  throw fault('invalid-input', 'reference_not_found', what, { why: 'it refers to something that does not exist' });
}

/** A request for an action, or any other write below an object. */
export function step(
  account: Account,
  request: {
    readonly method: 'POST' | 'PUT' | 'DELETE';
    readonly path: string;
    readonly body?: unknown;
    readonly what: string;
  },
  more: Pick<Step, 'isEnd' | 'hardAfter'> & { readonly reply?: ZodType<unknown> | null } = {},
): Step {
  const { reply = Ordered, ...rest } = more;
  return {
    ...rest,
    async send(ctx, accepted) {
      const deletes = more.isEnd === true ? ({ isDeletion: true } as const) : {};
      const told = await ask<unknown>(ctx, account.client, { ...request, ...deletes, accepted, reply });
      const started = Started.safeParse(told);
      return started.success ? runningOf(started.data) : [];
    },
  };
}

/** Name, labels and protection are the same for all kinds; the rest is the definition's. */
export function kindOf<T extends Own>(account: Account, definition: Definition<T>): HetznerKind {
  const { kind, collection, member } = definition;
  const path = (id: number): string => `/${collection}/${id}`;
  const One = z.object({ [member]: definition.reply }) as unknown as ZodType<{ readonly [member: string]: T }>;
  const Many = Page.extend({ [collection]: z.array(definition.reply) }) as unknown as ZodType<
    z.infer<typeof Page> & { readonly [collection: string]: unknown }
  >;
  const sightOf = (ctx: CallContext, object: T): Promise<Sight> => sightFor(ctx, account, definition, object);
  const listed = (ctx: CallContext, query: string): Promise<readonly T[]> =>
    pagesOf(ctx, account.client, {
      path: `/${collection}${query}`,
      reply: Many,
      items: page => page[collection] as readonly T[],
      idOf: object => String(object.id),
    });
  const observed = async (ctx: CallContext, objects: readonly T[]): Promise<readonly Observed[]> =>
    Promise.all(objects.map(async object => (await sightOf(ctx, object)).observed));
  return {
    pollMs: definition.pollMs,
    list: async (ctx, selector) =>
      observed(
        ctx,
        await listed(ctx, `?sort=id:asc${selector === null ? '' : `&label_selector=${encodeURIComponent(selector)}`}`),
      ),
    where: async (ctx, unique) => observed(ctx, await listed(ctx, `?${new URLSearchParams(unique)}`)),
    async look(ctx, id) {
      const number = /^\d{1,16}$/.test(id) ? Number(id) : null;
      if (number === null) return null;
      try {
        const what = `read ${kind}`;
        const reply = await ask(ctx, account.client, { what, method: 'GET', path: path(number), reply: One });
        const object = reply[member] as T;
        if (object.id === number) return await sightOf(ctx, object);
        throw fault('transient', 'unreadable_reply', what, { why: 'the reply is about another object' });
      } catch (error) {
        if (error instanceof ProviderFault && error.error.class === 'not-found') return null;
        throw error;
      }
    },
    async create(ctx, request) {
      const { object, actions } = await made(ctx, account, { definition, request, reply: One, listed });
      return { sight: await sightOf(ctx, object), actions };
    },
  };
}

interface Making<T extends Own> {
  readonly definition: Definition<T>;
  readonly request: CreateRequest;
  readonly reply: ZodType<{ readonly [member: string]: T }>;
  listed(ctx: CallContext, query: string): Promise<readonly T[]>;
}

/** Makes the object, or finds the one that an earlier delivery of the same request made. */
async function made<T extends Own>(
  ctx: CallContext,
  account: Account,
  { definition, request, reply, listed }: Making<T>,
): Promise<{ readonly object: T; readonly actions: readonly string[] }> {
  const { kind, collection, member } = definition;
  const what = `create ${kind}`;
  const name = cloudName(request.owner);
  const { body, memo } = await definition.body(ctx, account, request);
  try {
    const told = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: `/${collection}`,
      body: { ...body, name, labels: newLabels(request, memo) },
      accepted: 'create.accepted',
      reply: z.intersection(reply, Started),
    });
    const object = (told as unknown as { readonly [member: string]: T })[member] as T;
    if (ownerOf(object.labels)?.opId === request.owner.opId) return { object, actions: runningOf(told) };
    throw fault('unknown-outcome', 'unreadable_reply', what, { why: 'the reply is about another object' });
  } catch (error) {
    const isTaken = error instanceof ProviderFault && error.error.code === 'uniqueness_error';
    // A look that fails must not pass for the answer to the create: the name is taken, and by whom is not known.
    const found = isTaken ? await listed(ctx, `?name=${encodeURIComponent(name)}`).catch(() => []) : [];
    const mine = found.find(object => isSame(object, request));
    if (mine === undefined) throw error;
    return { object: mine, actions: [] };
  }
}

/** An earlier delivery of this very create made it. */
function isSame(object: Own, { owner }: CreateRequest): boolean {
  const found = ownerOf(object.labels);
  return found?.opId === owner.opId && found.workspace === owner.workspace && found.lineage === owner.lineage;
}

async function sightFor<T extends Own>(
  ctx: CallContext,
  account: Account,
  definition: Definition<T>,
  object: T,
): Promise<Sight> {
  const shown = await definition.show(ctx, account, object);
  const { kind, collection } = definition;
  const path = `/${collection}/${object.id}`;
  const isGuarded = object.protection?.delete === true;
  const observed: Observed = {
    kind,
    id: String(object.id),
    name: object.name,
    spec: { ...shown.spec, labels: withoutOwner(withoutSubnets(object.labels)) },
    outputs: { id: String(object.id), ...shown.outputs },
    owner: ownerOf(object.labels),
    phase: shown.phase ?? 'ready',
    protected: object.labels[PROTECTED_LABEL] === 'true' || isGuarded,
    createdAt: Date.parse(object.created),
    attached: shown.attached ?? false,
  };
  return {
    observed,
    labels: object.labels,
    isBusy: shown.isBusy ?? false,
    isRunning: shown.isRunning ?? true,
    async toward(ctx2, goal) {
      const what = `${goal.verb} ${kind}`;
      await definition.admit?.(ctx2, account, object, goal);
      if (definition.hasProtection && isGuarded !== goal.protect) {
        return step(account, {
          method: 'POST',
          path: `${path}/actions/change_protection`,
          body: guard(kind, goal.protect),
          what,
        });
      }
      const labels = wantedLabels(object.labels, goal, definition.memo?.(goal, object) ?? {});
      const name = wantedName(object, goal);
      if (name !== object.name || !sameJson(labels, object.labels)) {
        const body = { ...(name === object.name ? {} : { name }), labels };
        return step(account, { method: 'PUT', path, body, what }, { reply: same(definition, object) });
      }
      return (await definition.next?.(ctx2, account, object, goal)) ?? null;
    },
    away() {
      if (shown.isLocked ?? shown.isBusy) return 'wait';
      const what = `delete ${kind}`;
      const first = definition.release?.(account, object) ?? null;
      if (first !== null) return first;
      // Only the deletion of a server is an action; all others are done when they are answered.
      return step(
        account,
        { method: 'DELETE', path, what },
        { isEnd: true, ...(kind === 'server' ? {} : { reply: null }) },
      );
    },
  };
}

/** The answer to a change is the object as it is now, and no other one. */
function same<T extends Own>({ member, reply }: Definition<T>, { id }: T): ZodType<unknown> {
  const One = z.object({ [member]: reply }) as unknown as ZodType<{ readonly [member: string]: T }>;
  return One.refine(told => told[member]?.id === id);
}

function guard(kind: KindName, protect: boolean): object {
  return kind === 'server' ? { delete: protect, rebuild: protect } : { delete: protect };
}
