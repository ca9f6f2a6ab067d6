import { z } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { demoKindOf } from './kinds.ts';

export const Config = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of a demo cloud. Without it the one of this machine is used, and started if need be.'),
  profile: z
    .enum(['hetzner', 'ec2', 'upcloud'])
    .default('hetzner')
    .describe('The cloud to imitate: unique names, client tokens with late reads, or labels alone.'),
  token: z.string().min(1).optional().describe('Access token, where the demo cloud asks for one.'),
  visibleAfterMs: z
    .int()
    .min(0)
    .max(600_000)
    .optional()
    .describe(
      'Longest time in milliseconds until a new object shows up in listings, where it differs from the profile’s.',
    ),
});
export type Config = z.infer<typeof Config>;

/** What sets the profiles apart for the engine. */
export interface Traits {
  readonly idempotency: 'client-token' | 'unique-name' | 'label-scan';
  readonly visibleAfterMs: number;
}

const PROFILES: { readonly [profile in Config['profile']]: Traits } = {
  hetzner: { idempotency: 'unique-name', visibleAfterMs: 0 },
  ec2: { idempotency: 'client-token', visibleAfterMs: 5_000 },
  upcloud: { idempotency: 'label-scan', visibleAfterMs: 0 },
};

export function traitsOf(config: Config): Traits {
  const traits = PROFILES[config.profile];
  return { ...traits, visibleAfterMs: config.visibleAfterMs ?? traits.visibleAfterMs };
}

export function capability(kind: KindName, config: { readonly [key: string]: unknown }): KindCapability | undefined {
  const parsed = Config.safeParse(config);
  if (demoKindOf(kind) === undefined || !parsed.success) return undefined;
  const traits = traitsOf(parsed.data);
  // Where a name can be used only once, the old object must go before the new one can have it.
  return traits.idempotency === 'unique-name' ? { ...traits, override: { createFirst: false } } : traits;
}
