import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { HostTarget } from '../../schemas/host.ts';
import { nameOf, refused } from './failure.ts';

/** The one key that a host may show. */
export interface Pin {
  /** The key as it travels. */
  readonly blob: Buffer;
  /** What we let the host sign with: only this sort of key, so that it cannot choose to show another one. */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

const ALGORITHMS: { readonly [type: string]: ServerHostKeyAlgorithm[] } = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
};

/** The pinned key of a target. Throws ProviderFault `forbidden` when there is none: nobody is trusted at first sight. */
export function pinOf(target: HostTarget): Pin {
  const [type = '', text = ''] = target.hostKey.trim().split(/\s+/);
  const algorithms = Object.hasOwn(ALGORITHMS, type) ? ALGORITHMS[type] : undefined;
  const blob = Buffer.from(text, 'base64');
  if (algorithms === undefined || typeIn(blob) !== type) {
    const why = target.hostKey.trim() === '' ? 'no host key of it is known' : 'the host key on record is none';
    throw refused('forbidden', 'no-host-key', `${nameOf(target)} was not contacted: ${why}`);
  }
  return { blob, algorithms };
}

/** The type that a key names itself: a length of four bytes, then text. */
function typeIn(blob: Buffer): string {
  return blob.length < 8 ? '' : blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
