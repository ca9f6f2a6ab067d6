import { z } from 'zod';

/** Where a secret is found: `env:HCLOUD_TOKEN` is the environment variable of that name. The value itself never stands in a file. */
export type SecretRef = string;

/** The value behind a reference; undefined when there is none. */
export type Secrets = (reference: SecretRef) => Promise<string | undefined>;

/**
 * A reference to an environment variable whose name starts with `prefix`. Other names are refused: a workspace file
 * must not be able to send the secret of something else to an address of its choice.
 */
export function secretRef(prefix: string): z.ZodType<SecretRef> {
  return z
    .string()
    .regex(
      new RegExp(`^env:${prefix}[A-Z0-9_]{1,100}$`),
      `a secret is named like env:${prefix}TOKEN, never written here`,
    );
}
