import { type CallContext, type Connection, ProviderFault } from '../../schemas/provider.ts';
import type { Secrets } from '../../schemas/secret.ts';
import { type Account, openShelf } from './account.ts';
import { change, create, remove } from '../course/writes.ts';
import { catalogue } from './catalogue.ts';
import { ask, clientFor } from './client.ts';
import { cloudOf } from './cloud.ts';
import { Config } from './config.ts';
import { CLOUD, fault } from './faults.ts';
import { poll } from './poll.ts';
import { find, list, read, scan } from './reads.ts';
import { AccountReply } from './replies.ts';

const WHAT = `connect to ${CLOUD}`;

/** Resolves the credentials, proves them with one call, and opens the account. */
export async function connect(
  ctx: CallContext,
  config: { readonly [key: string]: unknown },
  secrets: Secrets,
): Promise<Connection> {
  const parsed = Config.safeParse(config);
  if (!parsed.success)
    throw fault('invalid-input', 'invalid_config', WHAT, { why: 'the entry of the provider is not valid' });
  const { url, zone, loginUser, currency } = parsed.data;
  const { authorization, credential, names } = await credentialsOf(parsed.data, secrets);
  const client = clientFor(url, authorization);
  const name = await accountName(ctx, client, names);
  if (parsed.data.account !== undefined && parsed.data.account !== name)
    throw fault('forbidden', 'wrong_account', WHAT, { why: 'wrong account: the credentials belong to another one' });
  const account: Account = { client, credential, zone, loginUser, currency, shelf: openShelf(client) };
  const cloud = cloudOf(account);
  return {
    account: name,
    list: (call, workspace) => list(call, account, workspace),
    scan: call => scan(call, account),
    find: (call, request) => find(call, account, request),
    read: (call, object) => read(call, account, object),
    create: (call, request) => create(call, cloud, request),
    update: (call, request) => change(call, cloud, request, 'update'),
    delete: (call, request) => remove(call, cloud, request),
    adopt: (call, request) => change(call, cloud, request, 'adopt'),
    poll: (call, tokens) => poll(call, account, tokens),
    catalogue: call => catalogue(call, account),
  };
}

interface Credentials {
  readonly authorization: string;
  readonly credential: string;
  /** The references by which a person finds them. */
  readonly names: string;
}

/** A sub-account with a password where one is named, a token where not. */
async function credentialsOf(config: Config, secrets: Secrets): Promise<Credentials> {
  const found = async (reference: string): Promise<string> => {
    const value = (await secrets(reference))?.trim();
    if (value !== undefined && value !== '') return value;
    throw fault('unauthenticated', 'no_credentials', WHAT, { why: `${reference} is not set` });
  };
  const { username, password, token } = config;
  if ((username === undefined) !== (password === undefined))
    throw fault('invalid-input', 'invalid_config', WHAT, { why: 'a name needs a password, and a password a name' });
  if (username === undefined || password === undefined) {
    const credential = await found(token);
    return { authorization: `Bearer ${credential}`, credential, names: token };
  }
  const credential = `${await found(username)}:${await found(password)}`;
  const basic = Buffer.from(credential).toString('base64');
  return { authorization: `Basic ${basic}`, credential, names: `${username} and ${password}` };
}

async function accountName(ctx: CallContext, client: Account['client'], names: string): Promise<string> {
  try {
    const reply = await ask(ctx, client, { what: WHAT, method: 'GET', path: '/account', reply: AccountReply });
    return reply.account.username;
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'unauthenticated') throw error;
    throw fault('unauthenticated', 'AUTHENTICATION_FAILED', WHAT, { why: `UpCloud does not accept ${names}` });
  }
}
