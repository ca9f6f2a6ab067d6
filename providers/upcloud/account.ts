import type { CallContext } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { ask, type Client } from './client.ts';
import { fault } from './faults.ts';
import { textOf } from './fields.ts';
import { PlansReply, type StorageSummary, StoragesReply } from './replies.ts';

/** One configured account. */
export interface Account {
  readonly client: Client;
  /** Host keys of servers are derived from it. */
  readonly credential: string;
  /** Where things are made that do not say where. */
  readonly zone: string | undefined;
  readonly loginUser: string;
  readonly currency: string;
  readonly shelf: Shelf;
}

/** A plan as far as a server's own disk depends on it. */
export interface Plan {
  readonly name: string;
  readonly storage_size: number;
  readonly storage_tier: string;
}

/** What hardly ever changes, kept for a while. */
export interface Shelf {
  templates(ctx: CallContext): Promise<readonly StorageSummary[]>;
  plans(ctx: CallContext): Promise<readonly Plan[]>;
}

const FRESH_MS = 600_000;

export function openShelf(client: Client): Shelf {
  const kept = <T>(load: (ctx: CallContext) => Promise<T>): ((ctx: CallContext) => Promise<T>) => {
    let last: { readonly at: number; readonly value: T } | null = null;
    return async ctx => {
      const now = ctx.world.clock.monotonic();
      if (last !== null && now - last.at < FRESH_MS) return last.value;
      last = { at: now, value: await load(ctx) };
      return last.value;
    };
  };
  return {
    templates: kept(async ctx => {
      const request = { what: 'list images', method: 'GET', path: '/storage/template', reply: StoragesReply } as const;
      return (await ask(ctx, client, request)).storages.storage;
    }),
    plans: kept(async ctx => {
      const request = { what: 'list plans', method: 'GET', path: '/plan', reply: PlansReply } as const;
      return (await ask(ctx, client, request)).plans.plan;
    }),
  };
}

/** Where an object is made. */
export function zoneFor(account: Account, spec: Spec, what: string): string {
  const zone = textOf(spec, 'zone') ?? account.zone;
  if (zone !== undefined) return zone;
  throw fault('invalid-input', 'zone_missing', what, { why: 'neither it nor the provider says in which zone' });
}
