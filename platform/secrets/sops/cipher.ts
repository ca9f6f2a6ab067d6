import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** SOPS uses 32 bytes where AES-GCM usually has 12. */
const NONCE_BYTES = 32;
const CIPHERTEXT =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]*),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:([a-z]+)\]$/;
/** What the hash starts with when only encrypted values are in it: the first 32 bytes of SHA-256 over `sops`. */
const ONLY_ENCRYPTED = createHash('sha256').update('sops').digest();

/** What a ciphertext holds. */
export interface Opened {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What a value is bound to: the names on the way to it. */
export function bindingOf(names: readonly string[]): string {
  return `${names.join(':')}:`;
}

/** A value as SOPS writes it. An empty one stays empty. */
export function encrypt(
  key: Uint8Array,
  binding: string,
  value: { readonly type: string; readonly bytes: Uint8Array },
): string {
  if (value.bytes.length === 0) return '';
  const iv = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(binding));
  const data = Buffer.concat([cipher.update(value.bytes), cipher.final()]);
  const parts = { data, iv, tag: cipher.getAuthTag() };
  const shown = Object.entries(parts).map(([name, bytes]) => `${name}:${bytes.toString('base64')}`);
  return `ENC[AES256_GCM,${shown.join(',')},type:${value.type}]`;
}

/** The value inside, or null when the text is no ciphertext, was changed, or was made for another place or with another key. */
export function decrypt(key: Uint8Array, binding: string, text: string): Opened | null {
  if (text === '') return { type: 'str', bytes: Buffer.alloc(0) };
  const match = CIPHERTEXT.exec(text);
  if (match === null) return null;
  const [data, iv, tag] = match.slice(1, 4).map(part => Buffer.from(part, 'base64')) as [Buffer, Buffer, Buffer];
  if (tag.length !== 16) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv);
    decipher.setAAD(Buffer.from(binding));
    decipher.setAuthTag(tag);
    return { type: match[4] ?? '', bytes: Buffer.concat([decipher.update(data), decipher.final()]) };
  } catch {
    return null;
  }
}

/** The hash over all plain values in their order. */
export function macOf(values: Iterable<Uint8Array>, onlyEncrypted: boolean): string {
  const hash = createHash('sha512');
  if (onlyEncrypted) hash.update(ONLY_ENCRYPTED);
  for (const value of values) hash.update(value);
  return hash.digest('hex').toUpperCase();
}
