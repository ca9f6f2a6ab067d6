import type { Json } from '../../schemas/json.ts';
import { ownerOf, ownerLabels } from '../../schemas/owner.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  type PendingToken,
  type ProviderErrorClass,
  ProviderFault,
} from '../../schemas/provider.ts';
import type { Clock } from '../../schemas/world.ts';

/** What one call of the cloud does: as a rule it is done at once; `lost` does it and tells nobody. */
export type Turn =
  | { readonly does: 'it' }
  | { readonly does: 'it-untold'; readonly after?: number }
  | { readonly does: 'nothing-untold' }
  | {
      readonly does: 'refuse';
      readonly class: ProviderErrorClass;
      readonly retryAfterMs?: number;
      readonly code?: string;
    }
  | { readonly does: 'begin'; readonly ms: number; readonly ends?: ProviderErrorClass }
  | { readonly does: 'half' }
  | { readonly does: 'throw'; readonly error: Error };

export interface Entry {
  readonly call: 'list' | 'find' | 'read' | 'create' | 'update' | 'delete' | 'adopt' | 'poll';
  /** `server/web-1` for what is about one address; the ids of a poll; empty for a listing. */
  readonly about: string;
  readonly opId: string;
  readonly at: number;
  readonly spec?: { readonly [field: string]: Json };
}

/**
 * A cloud that does what a test tells it: a duration for each call, and a script for what goes wrong. It is an adapter
 * of the provider port with a ledger of its own, for what the demo cloud cannot be told to do.
 */
export interface ScriptCloud {
  readonly connection: Connection;
  readonly ledger: readonly Entry[];
  readonly objects: Map<string, Observed>;
  /** Most calls that were in flight at once. */
  readonly most: () => number;
  /** Scripts the next calls about an address: `create server/a`, `find server/a`, or `list`. */
  script(what: string, ...turns: readonly Turn[]): void;
  /** Ledger lines in short: `create server/a`. Looks of the whole workspace are left out. */
  calls(): readonly string[];
  put(object: Partial<Observed> & { readonly id: string }): Observed;
}

export function scriptCloud(
  clock: Clock,
  options: { readonly durationMs?: (about: string, call: string) => number; readonly visibleAfterMs?: number } = {},
): ScriptCloud {
  const objects = new Map<string, Observed>();
  const visibleFrom = new Map<string, number>();
  const actions = new Map<
    string,
    { readonly endsAt: number; readonly ends: ProviderErrorClass | undefined; readonly gone: boolean }
  >();
  const ledger: Entry[] = [];
  const scripts = new Map<string, Turn[]>();
  let made = 0;
  let flying = 0;
  let most = 0;
  const durationMs = options.durationMs ?? (() => 0);
  const fault = (kind: ProviderErrorClass, more: object = {}): ProviderFault =>
    new ProviderFault({ class: kind, code: kind, message: `the cloud says ${kind}`, ...more });
  const turnOf = (what: string): Turn => scripts.get(what)?.shift() ?? { does: 'it' };
  const shown = (): Observed[] =>
    [...objects.values()].filter(object => (visibleFrom.get(object.id) ?? 0) <= clock.monotonic());

  const play = async (
    entry: Omit<Entry, 'at'>,
    ctx: CallContext,
    effect: (half: boolean) => Outcome,
  ): Promise<Outcome> => {
    ledger.push({ ...entry, at: clock.monotonic() });
    const turn = turnOf(entry.call === 'list' ? 'list' : `${entry.call} ${entry.about}`);
    flying += 1;
    most = Math.max(most, flying);
    try {
      const ms = durationMs(entry.about, entry.call);
      if (ms > 0) await clock.sleep(ms, ctx.signal);
      settle();
      return outcomeOf(turn, effect);
    } finally {
      flying -= 1;
    }
  };
  const outcomeOf = (turn: Turn, effect: (half: boolean) => Outcome): Outcome => {
    switch (turn.does) {
      case 'it':
        return effect(false);
      case 'it-untold':
        effect(false);
        throw fault('unknown-outcome');
      case 'nothing-untold':
        throw fault('unknown-outcome');
      case 'refuse':
        throw fault(turn.class, {
          ...(turn.retryAfterMs === undefined ? {} : { retryAfterMs: turn.retryAfterMs }),
          ...(turn.code === undefined ? {} : { code: turn.code }),
        });
      case 'half': {
        const outcome = effect(true);
        throw fault('partial', outcome.status === 'done' ? { partialId: outcome.object.id } : {});
      }
      case 'throw':
        throw turn.error;
      case 'begin': {
        const outcome = effect(false);
        const object = outcome.status === 'done' ? outcome.object : null;
        const id = object?.id ?? `gone-${ledger.length}`;
        if (object !== null) objects.set(id, { ...object, phase: 'pending' });
        actions.set(id, { endsAt: clock.monotonic() + turn.ms, ends: turn.ends, gone: object === null });
        return { status: 'pending', token: { kind: object?.kind ?? 'server', id, wait: null, pollMs: 200 } };
      }
    }
  };
  const make = (request: CreateRequest, half: boolean): Outcome => {
    made += 1;
    const id = `id-${made}`;
    const object = observed({
      id,
      kind: request.kind,
      spec: request.spec,
      protected: request.protect,
      createdAt: clock.now(),
    });
    const owned = {
      ...object,
      owner: ownerOf(ownerLabels(request.owner)),
      phase: half ? ('failed' as const) : object.phase,
    };
    objects.set(id, owned);
    visibleFrom.set(id, clock.monotonic() + (options.visibleAfterMs ?? 0));
    return { status: 'done', object: owned };
  };
  /** What has ended by now is over, whether somebody asks or not. */
  const settle = (): void => {
    for (const [id, { endsAt, ends }] of actions) {
      const object = objects.get(id);
      if (object?.phase === 'pending' && endsAt <= clock.monotonic())
        objects.set(id, { ...object, phase: ends === undefined ? 'ready' : 'failed' });
    }
  };
  const polled = (token: PendingToken): Outcome | ProviderFault => {
    const action = actions.get(token.id);
    if (action === undefined || action.endsAt > clock.monotonic()) return { status: 'pending', token };
    if (action.ends !== undefined) return fault(action.ends, { partialId: token.id });
    return action.gone ? { status: 'gone' } : { status: 'done', object: objects.get(token.id) as Observed };
  };
  const seen = async (
    entry: Omit<Entry, 'at'>,
    ctx: CallContext,
    look: () => readonly Observed[],
  ): Promise<readonly Observed[]> => {
    let found: readonly Observed[] = [];
    await play(entry, ctx, () => {
      found = look();
      return { status: 'gone' };
    });
    return found;
  };
  const addressOf = (id: string): string => objects.get(id)?.owner?.address ?? id;
  const connection: Connection = {
    account: 'acme',
    scan: async () => shown(),
    list: (ctx, workspace) =>
      seen({ call: 'list', about: '', opId: '' }, ctx, () =>
        shown().filter(object => object.owner?.workspace === workspace),
      ),
    find: (ctx, { owner }) =>
      seen({ call: 'find', about: owner.address, opId: owner.opId }, ctx, () =>
        shown().filter(object => object.owner?.opId === owner.opId || object.name === owner.address),
      ),
    read: async (ctx, { id }) => {
      const [object] = await seen({ call: 'read', about: addressOf(id), opId: '' }, ctx, () => {
        const known = objects.get(id);
        return known === undefined ? [] : [known];
      });
      return object ?? null;
    },
    create: (ctx, request) =>
      play({ call: 'create', about: request.owner.address, opId: request.owner.opId, spec: request.spec }, ctx, half =>
        make(request, half),
      ),
    update: (ctx, request) =>
      play({ call: 'update', about: request.owner.address, opId: request.owner.opId, spec: request.spec }, ctx, () =>
        change(request),
      ),
    adopt: (ctx, request) =>
      play({ call: 'adopt', about: request.owner.address, opId: request.owner.opId, spec: request.spec }, ctx, () =>
        change(request),
      ),
    delete: (ctx, { id, owner }) =>
      play({ call: 'delete', about: owner.address, opId: owner.opId }, ctx, () => {
        objects.delete(id);
        return { status: 'gone' };
      }),
    async poll(ctx, tokens) {
      let results: readonly (Outcome | ProviderFault)[] = [];
      await play({ call: 'poll', about: tokens.map(token => token.id).join(' '), opId: '' }, ctx, () => {
        results = tokens.map(polled);
        return { status: 'gone' };
      });
      return results;
    },
    catalogue: () => Promise.reject(fault('unsupported')),
  };
  const change = (request: CreateRequest & { readonly id: string }): Outcome => {
    const before = objects.get(request.id);
    if (before === undefined) throw fault('not-found');
    const object = {
      ...before,
      spec: { ...before.spec, ...request.spec },
      owner: ownerOf(ownerLabels(request.owner)),
      protected: request.protect,
    };
    objects.set(request.id, object);
    return { status: 'done', object };
  };
  return {
    connection,
    ledger,
    objects,
    most: () => most,
    script: (what, ...turns) => void scripts.set(what, [...(scripts.get(what) ?? []), ...turns]),
    calls: () =>
      ledger.filter(({ call }) => call !== 'list' && call !== 'poll').map(({ call, about }) => `${call} ${about}`),
    put(object) {
      const whole = observed(object);
      objects.set(whole.id, whole);
      return whole;
    },
  };
}

export function observed(object: Partial<Observed> & { readonly id: string }): Observed {
  const spec = object.spec ?? {};
  return {
    kind: 'server',
    name: `name-${object.id}`,
    outputs: { id: object.id, privateIp: `10.0.0.${object.id.replace(/\D/g, '') || '1'}` },
    owner: null,
    phase: 'ready',
    protected: false,
    createdAt: 0,
    attached: false,
    ...object,
    spec,
  };
}
