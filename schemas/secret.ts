import { z } from 'zod';
import type { Problem } from './fault.ts';

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

/** Shortest secret that is accepted: anything shorter cannot be kept out of outputs, because it also occurs by chance. */
export const SECRET_MIN = 8;

/** White space is not looked at where secrets are masked: as much must be left without it. */
export const SHORT_WITHOUT_SPACE = 6;

/** Whether a value could not be told from ordinary text, and so not be kept out of what is shown. */
export function isTooShort(value: string): boolean {
  return value.length < SECRET_MIN || value.replace(/[\s\0]/g, '').length < SHORT_WITHOUT_SPACE;
}

/** What is said of such a value, wherever one turns up. */
export function tooShort(path: SecretPath): Problem {
  return {
    id: 'SEC-SHORT',
    what: `${path} has fewer than ${SECRET_MIN} characters, or fewer than ${SHORT_WITHOUT_SPACE} that are no space`,
    why: 'so short a text also occurs by chance, and cannot be kept out of outputs',
    fix: `provisioning secret set ${path}, with a longer value`,
  };
}

/**
 * Where a secret of the workspace lies: `db/password` is the key `password` of `secrets/db.sops.yaml`, `db/admin/password`
 * a key inside its map `admin`, and `tls-key` the whole of the binary file `secrets/tls-key.sops.pem`.
 */
export const SecretPath = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/,
    'a secret is named <file>/<key>, for example db/password',
  );
export type SecretPath = z.infer<typeof SecretPath>;

/**
 * The first 12 hexadecimal digits of the SHA-256 of the ciphertext that a value had when it was set. It says that another
 * value was set, and nothing about the value; it stays when the same value is encrypted anew.
 */
export const SecretVersion = z.string().regex(/^[0-9a-f]{12}$/);
export type SecretVersion = z.infer<typeof SecretVersion>;

/** The use of a secret in a spec: what `${secret.db/password}` becomes. Everything before the call itself sees only this. */
export const SecretUse = z.strictObject({ $secret: SecretPath, version: SecretVersion });
export type SecretUse = z.infer<typeof SecretUse>;

/** True for the use of a secret. */
export function isSecretUse(value: unknown): value is SecretUse {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '$secret');
}

/** A text of at least eight characters that may be given as `${secret.<path>}`. Only fields of this type take secrets. */
export function secretText(): z.ZodString {
  return z.string().min(SECRET_MIN, `a secret has at least ${SECRET_MIN} characters`).meta({ secret: true });
}

/** One secret as its file names it, without its value. */
export interface SecretEntry {
  readonly path: SecretPath;
  readonly version: SecretVersion;
  /** From the workspace folder: `secrets/db.sops.yaml`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The value of a secret. Whatever prints, joins or serialises it shows `[secret db/password]`; only `reveal` gives the text. */
export class SecretValue {
  readonly #text: string;
  readonly path: SecretPath;

  constructor(path: SecretPath, text: string) {
    this.path = path;
    this.#text = text;
  }

  /** The text itself, for the call that needs it and for nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return `[secret ${this.path}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [INSPECT](): string {
    return this.toString();
  }
}
