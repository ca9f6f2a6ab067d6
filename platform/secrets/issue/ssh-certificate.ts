import { createHash } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { Fault } from '../../../schemas/fault.ts';
import type { Certificate, CertificateAsk } from '../port.ts';
import { field, uint32, uint64 } from './fields.ts';

const SUFFIX = '-cert-v01@openssh.com';
/** Clocks of hosts may be behind by as much. */
const SKEW_S = 60;
/** A certificate of a user, not of a host. */
const USER = 1;

/**
 * A certificate in the format of OpenSSH (PROTOCOL.certkeys), signed by an authority's Ed25519 key. It allows a terminal and
 * commands; forwarding of any sort is left out. Throws Fault `invalid` when a key is none, and never shows a part of one.
 */
export function sshCertificate(authority: string, ask: CertificateAsk): Certificate {
  const signer = keyOf(authority);
  if (signer === null || !signer.isPrivateKey() || signer.type !== 'ssh-ed25519')
    throw unusable(
      'the authority holds no Ed25519 private key without a passphrase',
      'ssh-keygen -t ed25519 -N "" -f authority',
    );
  const subject = keyOf(ask.publicKey);
  if (subject === null || subject.isPrivateKey())
    throw unusable('that file holds no public SSH key', 'name a file such as ~/.ssh/id_ed25519.pub');
  const type = `${subject.type}${SUFFIX}`;
  const [from, until] = [Math.floor(ask.now / 1_000) - SKEW_S, Math.floor(ask.now / 1_000) + ask.minutes * 60];
  const body = Buffer.concat([
    field(type),
    field(Buffer.from(ask.nonce, 'hex')),
    afterType(subject.getPublicSSH()),
    uint64(BigInt(ask.serial)),
    uint32(USER),
    field(ask.keyId),
    field(Buffer.concat(ask.principals.map(field))),
    uint64(BigInt(from)),
    uint64(BigInt(until)),
    field(''),
    field(Buffer.concat([field('permit-pty'), field('')])),
    field(''),
    field(signer.getPublicSSH()),
  ]);
  const signature = signer.sign(body);
  const whole = Buffer.concat([body, field(Buffer.concat([field(signer.type), field(signature)]))]);
  return {
    certificate: `${type} ${whole.toString('base64')} ${ask.keyId}`,
    authority: `${signer.type} ${signer.getPublicSSH().toString('base64')}`,
    subject: fingerprint(subject),
    until: until * 1_000,
  };
}

function keyOf(text: string): ParsedKey | null {
  const parsed: unknown = ssh2.utils.parseKey(text.trim());
  const [key] = Array.isArray(parsed) ? (parsed as ParsedKey[]) : [parsed];
  return key instanceof Error || key === undefined ? null : (key as ParsedKey);
}

function unusable(what: string, fix: string): Fault {
  return new Fault('invalid', { id: 'SEC-SSH-KEY', what, fix });
}

function fingerprint(key: ParsedKey): string {
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

/** A public key without the name of its type: its numbers stand in a certificate in the same order. */
function afterType(blob: Buffer): Buffer {
  return blob.subarray(4 + blob.readUInt32BE(0));
}
