import type { CallContext, Connection } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { Config, traitsOf } from './config.ts';
import { fault } from './faults.ts';
import { poll } from './poll.ts';
import { catalogue, find, list, read, scan } from './reads.ts';
import { AccountReply } from './replies.ts';
import { adopt, create, remove, update } from './writes.ts';

/** Resolves the credentials, proves them with one call, and opens the account. */
export async function connect(ctx: CallContext, config: { readonly [key: string]: unknown }): Promise<Connection> {
  const what = 'connect to the demo cloud';
  const parsed = Config.safeParse(config);
  if (!parsed.success)
    throw fault('invalid-input', 'invalid_config', what, { why: 'the entry of the provider is not valid' });
  const { url, profile, token } = parsed.data;
  if (url === undefined) throw fault('invalid-input', 'no_url', what, { why: 'no address of a demo cloud is known' });
  const account: Account = { client: { url: url.replace(/\/+$/, ''), profile, token }, ...traitsOf(parsed.data) };
  const { name } = await ask(ctx, account.client, { what, method: 'GET', path: '/account', reply: AccountReply });
  return {
    account: name,
    list: (call, workspace) => list(call, account, workspace),
    scan: call => scan(call, account),
    find: (call, request) => find(call, account, request),
    read: (call, object) => read(call, account, object),
    create: (call, request) => create(call, account, request),
    update: (call, request) => update(call, account, request),
    delete: (call, request) => remove(call, account, request),
    adopt: (call, request) => adopt(call, account, request),
    poll: (call, tokens) => poll(call, account, tokens),
    catalogue: call => catalogue(call, account),
  };
}
