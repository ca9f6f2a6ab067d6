import { isObject } from '../../schemas/json.ts';
import { type CallContext, type Outcome, type PendingToken, ProviderFault } from '../../schemas/provider.ts';
import { type Account, absent } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { observedOf, outcomeOf } from './observed.ts';
import { listed } from './reads.ts';
import { type ActionReply, ActionsReply, type CloudObject } from './replies.ts';

type Result = Outcome | ProviderFault;

/** Most actions that one request may ask for. */
const BATCH = 100;

/** One request for each hundred actions, and one for the objects that are watched without an action. */
export async function poll(
  ctx: CallContext,
  account: Account,
  tokens: readonly PendingToken[],
): Promise<readonly Result[]> {
  const ids = [...new Set(tokens.flatMap(token => actionOf(token) ?? []))];
  const actions = new Map<string, ActionReply>();
  for (let at = 0; at < ids.length; at += BATCH) {
    const path = `/actions?ids=${ids
      .slice(at, at + BATCH)
      .map(encodeURIComponent)
      .join(',')}`;
    const reply = await ask(ctx, account.client, { what: 'poll actions', method: 'GET', path, reply: ActionsReply });
    for (const action of reply.actions) actions.set(action.id, action);
  }
  const watched = tokens.filter(token => actionOf(token) === null).map(token => token.id);
  const found = watched.length === 0 ? [] : await listed(ctx, account, [['ids', watched.join(',')]]);
  const objects = new Map(found.map(object => [object.id, object]));
  return tokens.map(token => {
    const action = actionOf(token);
    return action === null
      ? byObject(account, token, objects.get(token.id))
      : byAction(account, token, actions.get(action));
  });
}

function actionOf(token: PendingToken): string | null {
  const action = isObject(token.wait) ? token.wait['action'] : null;
  return typeof action === 'string' ? action : null;
}

function byAction(account: Account, token: PendingToken, action: ActionReply | undefined): Result {
  const what = `wait for ${token.kind}`;
  if (action === undefined || action.object_id !== token.id) {
    return fault('transient', 'action_missing', what, { why: 'the cloud said nothing about the action' });
  }
  if (action.status === 'error') return failed(token, action);
  if (action.status !== 'success') return { status: 'pending', token };
  if (isObject(token.wait) && token.wait['gone'] === true) return { status: 'gone' };
  return byObject(account, token, action.object ?? undefined);
}

/** A create that failed leaves an object behind, whose id must not be lost; any other action left the object as it was. */
function failed(token: PendingToken, action: ActionReply): ProviderFault {
  const code = action.error?.code ?? 'action_failed';
  const safe = /^[a-z][a-z0-9_]{0,63}$/.test(code) ? code : 'action_failed';
  const why = `the ${action.command === 'create' ? 'creation' : 'change'} failed in the cloud`;
  if (action.command !== 'create') return fault('state', safe, `wait for ${token.kind}`, { why });
  return fault('partial', safe, `wait for ${token.kind}`, { why, partialId: token.id });
}

function byObject(account: Account, token: PendingToken, object: CloudObject | undefined): Result {
  const what = `wait for ${token.kind}`;
  if (object === undefined) return absent(account, what);
  const observed = observedOf(object);
  if (observed === undefined || object.id !== token.id) return fault('transient', 'unreadable_reply', what);
  if (observed.phase === 'failed')
    return fault('partial', 'object_failed', what, { why: 'the creation failed in the cloud', partialId: object.id });
  return outcomeOf(object, observed);
}
