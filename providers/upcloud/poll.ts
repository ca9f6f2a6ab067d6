import { type CallContext, type Outcome, type PendingToken, ProviderFault } from '../../schemas/provider.ts';
import { goalIn } from '../course/goal.ts';
import { resume } from '../course/writes.ts';
import type { Account } from './account.ts';
import { ask, faultOf } from './client.ts';
import { fault } from './faults.ts';
import { cloudOf } from './cloud.ts';
import { kindFor } from './kinds.ts';
import { LABEL } from '../../schemas/owner.ts';
import { ServersReply } from './replies.ts';

type Result = Outcome | ProviderFault;

/** From how many servers on one listing is asked for their states, in place of each server. */
const MANY = 2;

/**
 * Looks at each object and takes the next steps towards its goal. Of many servers, one listing tells which of them are
 * still on their way; the others are looked at one by one.
 */
export async function poll(
  ctx: CallContext,
  account: Account,
  tokens: readonly PendingToken[],
): Promise<readonly Result[]> {
  const servers = tokens.filter(token => token.kind === 'server');
  const states = servers.length < MANY ? null : await statesOf(ctx, account);
  return Promise.all(
    tokens.map(token => {
      const state = token.kind === 'server' ? states?.get(token.id) : undefined;
      if (state === 'maintenance') return { status: 'pending' as const, token };
      return polled(ctx, account, token, token.kind === 'server' && states !== null && state === undefined);
    }),
  );
}

async function statesOf(ctx: CallContext, account: Account): Promise<ReadonlyMap<string, string>> {
  const path = `/server?label=${encodeURIComponent(`${LABEL.managed}=true`)}`;
  const reply = await ask(ctx, account.client, { what: 'poll servers', method: 'GET', path, reply: ServersReply });
  return new Map(reply.servers.server.map(server => [server.uuid, server.state]));
}

/** `isUnlisted`: a listing just now did not have it. */
async function polled(ctx: CallContext, account: Account, token: PendingToken, isUnlisted: boolean): Promise<Result> {
  if (token.wait === null) return watched(ctx, account, token);
  const what = `wait for ${token.kind}`;
  const result = await resume(ctx, cloudOf(account), token);
  const isAbsent = result instanceof ProviderFault ? result.error.class === 'not-found' : result.status === 'gone';
  if (isUnlisted && !isAbsent)
    return fault('transient', 'unlisted', what, { why: 'UpCloud lists it not, and shows it' });
  // What was made a moment ago cannot always be seen yet.
  if (isAbsent && goalIn(token)?.verb === 'create')
    return fault('transient', 'not_visible', what, { why: NOT_VISIBLE });
  return result;
}

/** Without a goal, an object is only brought to what it asks for itself. */
async function watched(ctx: CallContext, account: Account, token: PendingToken): Promise<Result> {
  const { kind, id } = token;
  const what = `wait for ${kind}`;
  try {
    const sight = await kindFor(kind).look(ctx, account, id);
    if (sight === null) return fault('transient', 'not_visible', what, { why: NOT_VISIBLE });
    const { observed, owed } = sight;
    if (owed !== undefined) await ask(ctx, account.client, { what, ...owed });
    if (observed.phase === 'failed')
      return fault('partial', 'object_failed', what, { why: 'the creation failed in the cloud', partialId: id });
    return observed.phase === 'pending' ? { status: 'pending', token } : { status: 'done', object: observed };
  } catch (error) {
    return faultOf(error);
  }
}

const NOT_VISIBLE = 'it cannot be seen yet, or is gone';
