import { z } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { REFUSALS } from './refusals.ts';

export const Config = z.strictObject({
  engine: z
    .enum(['podman', 'docker'])
    .default('podman')
    .describe('Container engine that runs the hosts; both are spoken to in the same HTTP API.'),
  socket: z
    .string()
    .regex(/^\/[\w./-]{1,100}$/, 'an absolute path such as `/run/podman/podman.sock`')
    .optional()
    .describe(
      'Socket of the engine. Without it, CONTAINER_HOST and DOCKER_HOST count, then where engines always listen; podman is started where none does.',
    ),
  profile: z
    .enum(['standard', 'container-host'])
    .default('standard')
    .describe('What hosts may do: `container-host` may run containers themselves.'),
});

/** What this machine adds to the entry of a workspace file. */
export const Settings = Config.extend({
  /** Where the engine listens that was found, or started. */
  url: z.string().optional(),
  /** Why there is none, and what to do about it. */
  trouble: z.string().optional(),
  /** Name of this machine, for the account. */
  machine: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .optional(),
  /** What the host keys of this machine come from; 64 hexadecimal digits. */
  key: z.string().optional(),
});
export type Settings = z.infer<typeof Settings>;

/** The engine name of an object holds the operation that made it, so that the same creation finds what it made. */
const BY_OPERATION: KindCapability = { idempotency: 'client-token', visibleAfterMs: 0 };
const VIRTUAL: KindCapability = { idempotency: 'label-scan', visibleAfterMs: 0, virtual: true };

const CAPABILITIES: { readonly [kind: string]: KindCapability } = {
  // Two networks of one machine cannot have the same addresses.
  network: { idempotency: 'unique-name', visibleAfterMs: 0, override: { createFirst: false } },
  subnet: { ...BY_OPERATION, override: { createFirst: false } },
  server: { ...BY_OPERATION, override: { fields: { size: { effect: 'live' } } }, refuses: REFUSALS.server },
  volume: BY_OPERATION,
  'ssh-key': VIRTUAL,
  // Other rules are another firewall, so that the servers that name it get them.
  firewall: { ...VIRTUAL, override: { fields: { rules: { effect: 'replace' } } } },
};

/** What a machine can do for a kind; undefined when it does not have it. */
export function capability(kind: KindName): KindCapability | undefined {
  return Object.hasOwn(CAPABILITIES, kind) ? CAPABILITIES[kind] : undefined;
}
