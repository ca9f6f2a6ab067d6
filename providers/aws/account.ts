import type { CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { Call, Client } from './client.ts';
import type { Config } from './config.ts';
import { fault } from './errors.ts';

/** One account in one region. */
export interface Account {
  readonly id: string;
  readonly client: Client;
  readonly config: Config;
  /** Objects that this process made, by id, with the monotonic time: what is not shown of them may still come. */
  readonly fresh: Map<string, number>;
}

/** One call of the port. */
export function callOf(ctx: CallContext, account: Account, what: string, mark: Call['mark'] = null): Call {
  return { ctx, client: account.client, what, mark };
}

/** Whether an object may exist although it is not shown. */
export function isFresh(ctx: CallContext, account: Account, id: string): boolean {
  const at = account.fresh.get(id);
  if (at === undefined) return false;
  if (ctx.world.clock.monotonic() - at < account.config.visibleAfterMs) return true;
  account.fresh.delete(id);
  return false;
}

/** The fault for an object that cannot be seen yet. */
export function notVisible(what: string): ProviderFault {
  return fault('transient', 'not_visible', what, { why: 'AWS does not show it yet, or it is gone' });
}

/** The fault for what can never work as it is written. */
export function invalid(what: string, code: string, why: string): Error {
  return fault('invalid-input', code, what, { why });
}
