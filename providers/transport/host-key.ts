import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';

/**
 * The SSH host key that a server is born with. It is decided before the server exists and written into its labels in
 * the create call, so that the first connection already knows whom it talks to.
 */
export interface HostKey {
  /** `ssh-ed25519 AAAA...` */
  readonly publicKey: string;
  /** In the format of OpenSSH. */
  readonly privateKey: string;
  /** The 32 bytes of the public key as a label value: 52 characters of `a-z2-7`. */
  readonly label: string;
}

/** Key of the label that holds a server's public host key. */
export const HOST_KEY_LABEL = 'provisioning/host-key';

const TYPE = 'ssh-ed25519';
/** What stands before the 32 bytes of a key in the DER encodings of RFC 8410. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The host key of one create operation. The same credential and operation give the same key on every node and after
 * every crash, so that a create is repeated with the very same request; without the credential it cannot be computed.
 */
export function hostKeyFor(credential: string, opId: string): HostKey {
  const seed = createHmac('sha256', credential).update(`provisioning ssh host key ${opId}`).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKey: publicLine(raw), privateKey: openSsh(seed, raw), label: toBase32(raw) };
}

/** The public key that a label holds; undefined when it is none. */
export function hostKeyOf(label: string | undefined): string | undefined {
  if (label === undefined || !/^[a-z2-7]{52}$/.test(label)) return undefined;
  return publicLine(fromBase32(label));
}

function publicLine(raw: Buffer): string {
  return `${TYPE} ${publicBlob(raw).toString('base64')}`;
}

function publicBlob(raw: Buffer): Buffer {
  return Buffer.concat([field(TYPE), field(raw)]);
}

/** A length of four bytes and the bytes, as everywhere in SSH (RFC 4251). */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The private key file of OpenSSH without a passphrase (its PROTOCOL.key). */
function openSsh(seed: Buffer, raw: Buffer): string {
  const count = Buffer.from([0, 0, 0, 1]);
  // Two equal numbers tell a reader that it decrypted correctly; nothing is encrypted here, so they may be constant.
  const check = Buffer.alloc(8, 1);
  const secret = Buffer.concat([check, publicBlob(raw), field(Buffer.concat([seed, raw])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    count,
    field(publicBlob(raw)),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

function toBase32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map(five => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

function fromBase32(text: string): Buffer {
  let bits = '';
  for (const letter of text) bits += BASE32.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(eight => Number.parseInt(eight, 2)));
}
