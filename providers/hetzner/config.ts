import { z } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { secretRef } from '../../schemas/secret.ts';
import { REFUSALS } from './refusals.ts';

export const Config = z.strictObject({
  token: secretRef('HCLOUD_')
    .default('env:HCLOUD_TOKEN')
    .describe('Environment variable that holds the API token, as `env:HCLOUD_TOKEN`. A token belongs to one project.'),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(isTrusted, 'it must be the address of Hetzner Cloud, or one of this machine')
    .default('https://api.hetzner.cloud/v1')
    .describe('Address of the API. The token is sent to Hetzner Cloud and to this machine only.'),
  account: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'lower-case letters, digits, `.` and `-`')
    .optional()
    .describe(
      'Name of the project in plans and records. The API does not tell which project a token belongs to, so without it the project is named after the token, and a renewed token is refused until the recorded name stands here.',
    ),
});
export type Config = z.infer<typeof Config>;

/** A workspace file must not be able to send the token to an address of its choice. */
function isTrusted(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  if (hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost') return true;
  return protocol === 'https:' && hostname === 'api.hetzner.cloud';
}

/** Names are unique for each kind in a project, so an old object must go before a new one can have its name. */
const NAMED: KindCapability = { idempotency: 'unique-name', visibleAfterMs: 0, override: { createFirst: false } };

const CAPABILITIES: { readonly [kind: string]: KindCapability } = {
  server: {
    ...NAMED,
    override: {
      createFirst: false,
      fields: { subnet: { effect: 'live' }, placementGroup: { effect: 'restart' } },
    },
  },
  network: NAMED,
  // A range is there once in its network, so that the same creation finds what it made.
  subnet: { idempotency: 'client-token', visibleAfterMs: 0 },
  volume: { ...NAMED, refuses: REFUSALS.volume },
  firewall: NAMED,
  'ssh-key': NAMED,
  'load-balancer': { ...NAMED, refuses: REFUSALS['load-balancer'] },
  'floating-ip': NAMED,
  'placement-group': NAMED,
};

/** What Hetzner Cloud can do for a kind; undefined when it does not have it. */
export function capability(kind: KindName): KindCapability | undefined {
  return Object.hasOwn(CAPABILITIES, kind) ? CAPABILITIES[kind] : undefined;
}
