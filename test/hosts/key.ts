import { randomBytes } from 'node:crypto';
import { hostKeyFor } from '../../providers/transport/host-key.ts';

/** A fresh Ed25519 key for SSH, in the formats of OpenSSH. */
export function generateKey(): { readonly privateKey: string; readonly publicKey: string } {
  return hostKeyFor(randomBytes(32).toString('hex'), 'test');
}
