import { type CallContext, type Outcome, type PendingToken, ProviderFault } from '../../schemas/provider.ts';
import { goalIn } from '../course/goal.ts';
import { failure, resume } from '../course/writes.ts';
import { ask } from './client.ts';
import { classOfAction, fault } from './faults.ts';
import type { Hetzner } from './kinds.ts';
import { restart } from './power.ts';
import { forgetSubnet } from './subnet.ts';
import type { KindName } from '../../schemas/name.ts';
import { type Action, ActionsReply } from './replies.ts';

type Result = Outcome | ProviderFault;

/** Actions that one request may ask for: as many as one page has, because this list cannot be asked for larger ones. */
const BATCH = 25;

/** After this time in milliseconds an action that is not shown any more is too old to be shown, and the object tells. */
const FORGOTTEN_MS = 600_000;

/** One request for every 25 actions; only what has ended is looked at, and goes on. */
export async function poll(
  ctx: CallContext,
  hetzner: Hetzner,
  tokens: readonly PendingToken[],
): Promise<readonly Result[]> {
  const ids = [...new Set(tokens.flatMap(token => goalIn(token)?.actions ?? []))];
  const actions = new Map<string, Action>();
  for (let at = 0; at < ids.length; at += BATCH) {
    const query = ids.slice(at, at + BATCH).map(id => `id=${encodeURIComponent(id)}`);
    const path = `/actions?${query.join('&')}`;
    const { client } = hetzner.account;
    const reply = await ask(ctx, client, { what: 'poll actions', method: 'GET', path, reply: ActionsReply });
    for (const action of reply.actions) actions.set(String(action.id), action);
  }
  return Promise.all(tokens.map(token => polled(ctx, hetzner, token, actions)));
}

async function polled(
  ctx: CallContext,
  hetzner: Hetzner,
  token: PendingToken,
  actions: ReadonlyMap<string, Action>,
): Promise<Result> {
  const goal = goalIn(token);
  const waited = goal?.actions ?? [];
  const what = `wait for ${token.kind}`;
  const isForgotten = goal !== undefined && ctx.world.clock.now() - goal.since > FORGOTTEN_MS;
  for (const id of waited) {
    const action = actions.get(id);
    if (action === undefined && !isForgotten)
      return fault('transient', 'action_missing', what, { why: 'Hetzner Cloud said nothing about the action' });
    if (action?.status === 'running') return { status: 'pending', token };
    if (action?.status === 'error' && goal !== undefined) {
      const code = action.error?.code ?? 'action_failed';
      // Only a creation that failed leaves nothing of use; what came after it can be done again.
      if (action.command.startsWith('create_')) return failure(hetzner, { goal, id: token.id, what, code });
      return relieved(ctx, hetzner, token, fault(classOfAction(code), code, what));
    }
  }
  return relieved(ctx, hetzner, token, await tidied(ctx, hetzner, token, await resume(ctx, hetzner, token)));
}

/** A subnet leaves nothing on its network when it is gone. */
export async function tidied<R extends Result>(
  ctx: CallContext,
  { account }: Hetzner,
  object: { readonly kind: KindName; readonly id: string },
  result: R,
): Promise<R> {
  const isGone = !(result instanceof ProviderFault) && result.status === 'gone';
  if (isGone && object.kind === 'subnet') await forgetSubnet(ctx, account, object.id);
  return result;
}

/** Faults after which the same goal is gone on with, so that a server that is off for it stays off until then. */
const PASSING: readonly string[] = ['transient', 'rate-limited', 'unknown-outcome', 'locked', 'conflict', 'timeout'];

/** A server that was switched off for a change that then is refused is switched on again before that is told. */
async function relieved(ctx: CallContext, hetzner: Hetzner, token: PendingToken, result: Result): Promise<Result> {
  if (!(result instanceof ProviderFault) || token.kind !== 'server') return result;
  if (goalIn(token)?.verb === 'delete' || PASSING.includes(result.error.class)) return result;
  try {
    await restart(ctx, hetzner.account, token.id);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
  }
  return result;
}
