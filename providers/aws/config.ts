import { z } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { secretRef } from '../../schemas/secret.ts';
import { REFUSALS } from './refusals.ts';

const url = z.url({ protocol: /^https?$/ });

/** The AWS entry of the workspace file. */
export const Config = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'a region is named like eu-central-1')
    .describe('Region in which everything is made, for example `eu-central-1`.'),
  accessKeyId: secretRef('AWS_').default('env:AWS_ACCESS_KEY_ID').describe('Where the access key id is found.'),
  secretAccessKey: secretRef('AWS_')
    .default('env:AWS_SECRET_ACCESS_KEY')
    .describe('Where the secret access key is found.'),
  sessionToken: secretRef('AWS_')
    .default('env:AWS_SESSION_TOKEN')
    .describe('Where the session token of temporary credentials is found; without one it is not sent.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'an account has twelve digits')
    .optional()
    .describe('Account that it must be; another one is refused.'),
  firewallNetwork: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/, 'a VPC is named like vpc-0123456789abcdef0')
    .optional()
    .describe('VPC in which firewalls are made first. Default: the default VPC of the region.'),
  visibleAfterMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(60_000)
    .describe('Longest time in milliseconds until a new object shows up in listings.'),
  url: url.optional().describe('Address of the EC2 API, where it is not the one of the region.'),
  elbUrl: url.optional().describe('Address of the Elastic Load Balancing API, where it is not the one of the region.'),
  stsUrl: url.optional().describe('Address of the Security Token Service, where it is not the one of the region.'),
});
export type Config = z.infer<typeof Config>;

export type Service = 'ec2' | 'elasticloadbalancing' | 'sts';

/** Addresses of the services, each with one slash at its end. */
export function addressesOf(config: Config): { readonly [service in Service]: string } {
  const domain = config.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const own = { ec2: config.url, elasticloadbalancing: config.elbUrl ?? config.url, sts: config.stsUrl ?? config.url };
  const at = (service: Service): string => {
    const address = own[service] ?? `https://${service}.${config.region}.${domain}`;
    return `${address.replace(/\/+$/, '')}/`;
  };
  return { ec2: at('ec2'), elasticloadbalancing: at('elasticloadbalancing'), sts: at('sts') };
}

/** A name is there once, so an old object must go before a new one can have it. */
const NAMED = { idempotency: 'unique-name', override: { createFirst: false } } as const;

/** What AWS can do for each kind. */
const CAPABILITIES: { readonly [kind: string]: Omit<KindCapability, 'visibleAfterMs'> } = {
  'ssh-key': NAMED,
  network: { idempotency: 'label-scan' },
  subnet: { idempotency: 'label-scan' },
  firewall: NAMED,
  server: { idempotency: 'client-token' },
  volume: { idempotency: 'client-token', refuses: REFUSALS.volume },
  'floating-ip': { idempotency: 'label-scan' },
  'placement-group': NAMED,
  'load-balancer': {
    ...NAMED,
    override: { createFirst: false, fields: { size: { effect: 'replace' }, algorithm: { effect: 'replace' } } },
    refuses: REFUSALS['load-balancer'],
  },
};

/** How AWS keeps two attempts of one create of a kind apart; undefined when it does not have the kind. */
export function idempotencyOf(kind: KindName): KindCapability['idempotency'] | undefined {
  return Object.hasOwn(CAPABILITIES, kind) ? CAPABILITIES[kind]?.idempotency : undefined;
}

/** What AWS can do for a kind under this configuration; undefined when it does not have it. */
export function capability(kind: KindName, config: { readonly [key: string]: unknown }): KindCapability | undefined {
  const found = Object.hasOwn(CAPABILITIES, kind) ? CAPABILITIES[kind] : undefined;
  const parsed = Config.safeParse(config);
  if (found === undefined || !parsed.success) return undefined;
  return { ...found, visibleAfterMs: parsed.data.visibleAfterMs };
}
