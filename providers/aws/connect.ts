import { type CallContext, type Connection, ProviderFault } from '../../schemas/provider.ts';
import type { Secrets } from '../../schemas/secret.ts';
import { type Account, callOf } from './account.ts';
import { openBuckets } from './buckets.ts';
import { catalogue } from './catalogue.ts';
import type { Client } from './client.ts';
import { Config, addressesOf } from './config.ts';
import { fault } from './errors.ts';
import { accountOf, notAccepted } from './identity.ts';
import { poll } from './poll.ts';
import { find, list, read, scan } from './reads.ts';
import type { Credentials } from './signature.ts';
import { adopt, create, remove, update } from './writes.ts';

/** Resolves the credentials, proves them with one call, and opens the account. */
export async function connect(
  ctx: CallContext,
  given: { readonly [key: string]: unknown },
  secrets: Secrets,
): Promise<Connection> {
  const what = 'connect to AWS';
  const parsed = Config.safeParse(given);
  if (!parsed.success) {
    throw fault('invalid-input', 'invalid_config', what, { why: 'the entry of the provider is not valid' });
  }
  const config = parsed.data;
  const client: Client = {
    region: config.region,
    addresses: addressesOf(config),
    credentials: await credentialsOf(what, config, secrets),
    buckets: openBuckets(),
    skewMs: 0,
    ec2: undefined,
    elb: undefined,
  };
  const id = await accountOf({ ctx, client, what, mark: null }).catch((error: unknown) => {
    const refused = error instanceof ProviderFault && error.error.class === 'unauthenticated';
    throw refused ? notAccepted(what, config) : error;
  });
  if (config.account !== undefined && config.account !== id) {
    throw fault('forbidden', 'wrong_account', what, { why: `wrong account: the credentials belong to ${id}` });
  }
  return connectionTo({ id, client, config, fresh: new Map() });
}

async function credentialsOf(what: string, config: Config, secrets: Secrets): Promise<Credentials> {
  const required = async (reference: string): Promise<string> => {
    const value = await secrets(reference);
    if (value !== undefined && value !== '') return value;
    const why = `the variable ${reference.slice('env:'.length)} is not set`;
    throw fault('unauthenticated', 'no_credentials', what, { why });
  };
  const sessionToken = await secrets(config.sessionToken);
  return {
    accessKeyId: await required(config.accessKeyId),
    secretAccessKey: await required(config.secretAccessKey),
    sessionToken: sessionToken === '' ? undefined : sessionToken,
  };
}

function connectionTo(account: Account): Connection {
  return {
    account: `${account.id}/${account.config.region}`,
    list: (ctx, workspace) => list(ctx, account, workspace),
    scan: ctx => scan(ctx, account),
    find: (ctx, request) => find(ctx, account, request),
    read: (ctx, object) => read(ctx, account, object),
    create: (ctx, request) => create(ctx, account, request),
    update: (ctx, request) => update(ctx, account, request),
    delete: (ctx, request) => remove(ctx, account, request),
    adopt: (ctx, request) => adopt(ctx, account, request),
    poll: (ctx, tokens) => poll(ctx, account, tokens),
    catalogue: ctx => catalogue(callOf(ctx, account, 'read the catalogue'), account),
  };
}
