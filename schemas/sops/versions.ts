import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SecretVersion } from '../secret.ts';

/**
 * Versions of values that were encrypted anew without being changed, such as with a new data key: what a ciphertext would
 * be called by itself, and the version that its value has had since it was set. `seal` is a ciphertext that is bound to
 * `versions` by the data key, so that only who can open the file can say that a value is still the same.
 */
export const KeptVersions = z.strictObject({
  versions: z.record(SecretVersion, SecretVersion),
  seal: z.string().max(1_000),
});
export type KeptVersions = z.infer<typeof KeptVersions>;

/** The version of a value by its ciphertext: it says when the value was written, and nothing about it. */
export function versionOf(ciphertext: string, kept: KeptVersions | undefined): SecretVersion {
  const own = createHash('sha256').update(ciphertext).digest('hex').slice(0, 12);
  return kept !== undefined && Object.hasOwn(kept.versions, own) ? (kept.versions[own] as SecretVersion) : own;
}

/** What `seal` is bound to. */
export function versionsBinding(versions: KeptVersions['versions']): string {
  return JSON.stringify(Object.entries(versions).sort(([one], [other]) => (one < other ? -1 : 1)));
}
