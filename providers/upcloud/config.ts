import { z } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { secretRef } from '../../schemas/secret.ts';
import { REFUSALS } from './refusals.ts';

export const Config = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(isTrusted, 'it must be the address of UpCloud, or one of this machine')
    .default('https://api.upcloud.com')
    .describe('Address of the API. Credentials are sent to UpCloud and to this machine only.'),
  token: secretRef('UPCLOUD_').default('env:UPCLOUD_TOKEN').describe('API token, which starts with `ucat_`.'),
  username: secretRef('UPCLOUD_').optional().describe('Name of an API sub-account, in place of a token.'),
  password: secretRef('UPCLOUD_').optional().describe('Password of that sub-account.'),
  zone: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Where things are made that do not say where, for example `fi-hel1`.'),
  loginUser: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name of Linux')
    .default('root')
    .describe('The user that SSH keys are put in place for.'),
  currency: z
    .enum(['EUR', 'USD', 'GBP', 'SGD'])
    .default('EUR')
    .describe('Currency of the account. UpCloud tells prices in credits, a hundred of which are one of it.'),
  account: z.string().min(1).max(128).optional().describe('Name of the account; any other one is refused.'),
});
export type Config = z.infer<typeof Config>;

/** A workspace file must not be able to send the credentials to an address of its choice. */
function isTrusted(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  if (hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost') return true;
  return protocol === 'https:' && hostname === 'api.upcloud.com';
}

/** UpCloud documents no delay until a new object is listed; its own clients expect none. A look that comes too early would make a second server. */
const VISIBLE_MS = 10_000;

/** Nothing but labels keeps two creates apart: names may repeat, and there are no tokens. */
const LABELLED: KindCapability = { idempotency: 'label-scan', visibleAfterMs: VISIBLE_MS };
const VIRTUAL: KindCapability = { idempotency: 'label-scan', visibleAfterMs: 0, virtual: true };

const KINDS: { readonly [kind: string]: KindCapability } = {
  firewall: VIRTUAL,
  'floating-ip': { idempotency: 'ask', visibleAfterMs: VISIBLE_MS, ownedBy: 'record' },
  'load-balancer': { ...LABELLED, refuses: REFUSALS['load-balancer'] },
  network: LABELLED,
  'placement-group': LABELLED,
  server: LABELLED,
  'ssh-key': VIRTUAL,
  subnet: LABELLED,
  // A disk grows only while its server is stopped.
  volume: { ...LABELLED, override: { fields: { sizeGib: { effect: 'restart' } } }, refuses: REFUSALS.volume },
};

export function capability(kind: KindName): KindCapability | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}
