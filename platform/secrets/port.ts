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

/** What a change of secrets wrote. Nothing else in the folder was touched. */
export interface SecretChange {
  /** From the workspace folder, sorted. */
  readonly files: readonly string[];
  /** Secrets whose ciphertext is another one now. */
  readonly paths: readonly SecretPath[];
}

/** One version of a secret, as the history of its file has it. */
export interface SecretVersionEntry {
  /** Null where the secret was taken out. */
  readonly version: SecretVersion | null;
  readonly commit: string;
  /** ISO 8601. */
  readonly at: string;
  readonly author: string;
}

/**
 * Changes secrets in a workspace folder on disk. Each call either writes whole files or nothing; Git is asked only for
 * history, and to commit. Throws what `OpenSecrets.reveal` throws, since a file is opened before it is changed, and Fault
 * `usage` or `invalid` for a path that cannot be, or a value that its format cannot hold unchanged.
 */
export interface Vault {
  /** Makes this machine's own age key when there is none; the recipient that others add. */
  keygen(): Promise<{ readonly recipient: string; readonly local: string }>;
  set(
    folder: string,
    path: SecretPath,
    value: Uint8Array,
    options: { readonly isBinary: boolean },
  ): Promise<SecretChange>;
  remove(folder: string, path: SecretPath): Promise<SecretChange>;
  /** Opens a file in the editor of this person. Its plain text lies in memory-backed storage meanwhile, for the owner alone. */
  edit(folder: string, name: SecretPath): Promise<SecretChange>;
  /** New data keys for all files, or for one, and so new ciphertexts: for the recipients that the rules name. */
  rotate(folder: string, name: SecretPath | null): Promise<SecretChange>;
  /** Adds and removes recipients in the rules, and wraps every data key for exactly these; who loses access forces a new data key. */
  recipients(
    folder: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<SecretChange & { readonly recipients: readonly string[] }>;
  /** Versions, newest first, without opening anything. */
  history(folder: string, path: SecretPath): Promise<readonly SecretVersionEntry[]>;
  /** Commits these files alone; the id. Throws Fault `unavailable` when git refuses, for example for want of a name. */
  commit(folder: string, files: readonly string[], message: string): Promise<string>;
}

/** What a certificate for SSH is to say. */
export interface CertificateAsk {
  /** One line, as in a `.pub` file. */
  readonly publicKey: string;
  /** Who it lets in as. */
  readonly principals: readonly string[];
  readonly keyId: string;
  /** Decimal, below 2^63. */
  readonly serial: string;
  readonly minutes: number;
  /** Wall time in ms. */
  readonly now: number;
  /** 32 random bytes in hexadecimal. */
  readonly nonce: string;
}

/** A certificate for SSH, and what it says. */
export interface Certificate {
  /** One line, as in a `-cert.pub` file. It is no secret: only who has the private key can use it. */
  readonly certificate: string;
  /** The public key that signed it: `ssh-ed25519 AAAA...`. */
  readonly authority: string;
  /** Fingerprint of the key that it is for: `SHA256:...`. */
  readonly subject: string;
  /** Wall time in ms. */
  readonly until: number;
}

/** Which session is asked of AWS STS. */
export interface SessionAsk {
  /** ARN of the role; without one, of whoever we are. */
  readonly role: string | undefined;
  readonly minutes: number;
  /** Shown in the trail of AWS: who asked. */
  readonly name: string;
}

/** Credentials of AWS that end at a time. */
export interface Session {
  /** A public name. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Wall time in ms. */
  readonly until: number;
}

/** One certificate that is good no more. */
export interface Revocation {
  /** The public key that signed it: `ssh-ed25519 AAAA...`. */
  readonly authority: string;
  readonly serial: string;
}

/** Issues credentials that end by themselves. */
export interface Issuer {
  /** `authority` is the private key of the authority, in the format of OpenSSH. Throws Fault `invalid` when one of the keys cannot be used. */
  certificate(authority: SecretValue, ask: CertificateAsk): Certificate;
  /** Bytes of the file that sshd has under `RevokedKeys`. */
  revocations(revoked: readonly Revocation[], now: number): Uint8Array;
  /** Throws Fault `denied` when AWS refuses, `invalid` for a time that it does not take, `unavailable` when it does not answer. */
  session(ask: SessionAsk): Promise<Session>;
}
