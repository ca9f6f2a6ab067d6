import type { SecretEntry, SecretPath, SecretValue, SecretVersion } from '../../schemas/secret.ts';

/** What is noted down before a value is decrypted. */
export interface SecretAccess {
  readonly path: SecretPath;
  readonly version: SecretVersion;
  /** What it is needed for: `taskserv.postgres/db`, `secret get`. */
  readonly purpose: string;
}

/** The secrets of one workspace as one commit, or the disk, holds them. */
export interface OpenSecrets {
  /** Every secret, sorted by path. Nothing is decrypted and no identity is looked for. */
  readonly entries: readonly SecretEntry[];
  /**
   * The value behind a path. The first value of a file decrypts that file and checks its MAC; what was decrypted is kept
   * until `close`. `access` of `open` is awaited first, so that an access that cannot be noted down does not happen.
   * Throws Fault `invalid` for a path that is not there, `denied` without an identity, `integrity` when the file was
   * changed after encryption or is not for the pinned recipients, `unavailable` when a key service does not answer.
   */
  reveal(path: SecretPath, purpose: string): Promise<SecretValue>;
  /** Forgets every data key. */
  close(): void;
}

/** Secrets that lie encrypted beside what uses them. Identities are looked for only when a value is asked for. */
export interface SecretStore {
  /**
   * `files` are those of the workspace, by path from its folder; those below `secrets/` are read.
   * Throws Fault `invalid` with every file that is not encrypted, not in the format, or names a secret twice.
   */
  open(files: ReadonlyMap<string, Uint8Array>, access: (what: SecretAccess) => Promise<void>): OpenSecrets;
}

/**
 * Whoever wraps data keys: a file on this machine, an age key, or a key management service. It never sees a secret, only
 * the keys that secrets are encrypted with.
 */
export interface KeyService {
  /** The data key as only this service can open it. Throws Fault `unavailable` when it does not answer or its key cannot be used, `denied` when it refuses us. */
  wrap(dataKey: Uint8Array): Promise<string>;
  /** The data key; null when it was not wrapped for any identity that is here. Throws as `wrap` does, and `integrity` when the text was changed or is of another context. */
  unwrap(wrapped: string): Promise<Uint8Array | null>;
}
