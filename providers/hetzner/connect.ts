import type { CallContext, Connection } from '../../schemas/provider.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import type { Secrets } from '../../schemas/secret.ts';
import { change, create, remove } from '../course/writes.ts';
import type { Account } from './account.ts';
import { catalogue } from './catalogue.ts';
import { ask, clientFor } from './client.ts';
import { Config } from './config.ts';
import { fault } from './faults.ts';
import { type Hetzner, openHetzner } from './kinds.ts';
import { poll, tidied } from './poll.ts';
import { find, list, read, scan } from './reads.ts';
import { LocationsPage } from './replies.ts';
import { createHash } from 'node:crypto';

/** Resolves the credentials, proves them with one call, and opens the account. */
export async function connect(
  ctx: CallContext,
  given: { readonly [key: string]: unknown },
  secrets: Secrets,
): Promise<Connection> {
  const what = 'connect to Hetzner Cloud';
  const parsed = Config.safeParse(given);
  if (!parsed.success)
    throw fault('invalid-input', 'invalid_config', what, { why: 'the entry of the provider is not valid' });
  const { token: reference, url } = parsed.data;
  const variable = reference.slice('env:'.length);
  const token = await secrets(reference);
  if (token === undefined || token === '')
    throw fault('unauthenticated', 'no_credentials', what, { why: `the variable ${variable} is not set` });
  const client = clientFor(url, token);
  const name = parsed.data.account ?? projectName(token);
  await prove(ctx, client, { what, variable });
  const account: Account = { name, client, zones: null, ranges: new Map(), turns: new Map() };
  return connectionTo(openHetzner(account));
}

/**
 * The API does not tell which project a token belongs to, so an account is named after its token: the name is the same for
 * the same token and gives nothing of it away. A new token for the same project is a new name.
 */
function projectName(token: string): string {
  return `token-${createHash('sha256').update(`provisioning hetzner ${token}`).digest('hex').slice(0, 12)}`;
}

async function prove(
  ctx: CallContext,
  client: Account['client'],
  say: { readonly what: string; readonly variable: string },
): Promise<void> {
  try {
    await ask(ctx, client, { what: say.what, method: 'GET', path: '/locations?per_page=1', reply: LocationsPage });
  } catch (error) {
    const refused = error instanceof ProviderFault && error.error.class === 'unauthenticated';
    if (!refused || error.error.message.includes('clock')) throw error;
    throw fault('unauthenticated', error.error.code, say.what, {
      why: `Hetzner Cloud does not accept the token in ${say.variable}`,
    });
  }
}

function connectionTo(cloud: Hetzner): Connection {
  return {
    account: cloud.account.name,
    list: (ctx, workspace) => list(ctx, cloud, workspace),
    scan: ctx => scan(ctx, cloud),
    find: (ctx, request) => find(ctx, cloud, request),
    read: (ctx, object) => read(ctx, cloud, object),
    create: (ctx, request) => create(ctx, cloud, request),
    update: (ctx, request) => change(ctx, cloud, request, 'update'),
    adopt: (ctx, request) => change(ctx, cloud, request, 'adopt'),
    delete: async (ctx, request) => tidied(ctx, cloud, request, await remove(ctx, cloud, request)),
    poll: (ctx, tokens) => poll(ctx, cloud, tokens),
    catalogue: ctx => catalogue(ctx, cloud.account),
  };
}
