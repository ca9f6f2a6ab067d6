import type { CallContext } from '../../schemas/provider.ts';
import { z } from 'zod';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { MEMO } from './labels.ts';
import { Ordered, Server } from './replies.ts';

const ServerReply = z.object({ server: Server });

/** Switches a server on that we switched off for a change, and forgets the change. */
export async function restart(ctx: CallContext, account: Account, id: string): Promise<void> {
  const what = 'switch server on again';
  const path = `/servers/${encodeURIComponent(id)}`;
  const { server } = await ask(ctx, account.client, { what, method: 'GET', path, reply: ServerReply });
  const { [MEMO.restart]: change, ...labels } = server.labels;
  // One that still runs may be shutting down: it keeps its mark, and whoever sees it next goes on with it.
  if (change === undefined || server.status !== 'off') return;
  // Power first: a running server with a mark too many is better than one that is off and says nothing.
  const poweron = `${path}/actions/poweron`;
  await ask(ctx, account.client, { what, method: 'POST', path: poweron, body: {}, reply: Ordered });
  await ask(ctx, account.client, { what, method: 'PUT', path, body: { labels }, reply: ServerReply });
}
