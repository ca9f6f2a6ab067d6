import { type CallContext, type Outcome, type PendingToken, ProviderFault } from '../../schemas/provider.ts';
import { goalIn } from '../course/goal.ts';
import { failure, resume } from '../course/writes.ts';
import { ask } from './client.ts';
import { classOfAction, fault } from './faults.ts';
import type { Hetzner } from './kinds.ts';
import { type Action, ActionsReply } from './replies.ts';

type Result = Outcome | ProviderFault;

/** Actions that one request may ask for. */
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
    const path = `/actions?${query.join('&')}&per_page=50`;
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
      if (goal.verb === 'create') return failure(hetzner, { goal, id: token.id, what, code });
      return fault(classOfAction(code), code, what);
    }
  }
  return resume(ctx, hetzner, token);
}
