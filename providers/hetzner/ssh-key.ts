import { createHash } from 'node:crypto';
import type { Definition } from './kind.ts';
import { SshKey } from './replies.ts';

export const sshKey: Definition<SshKey> = {
  kind: 'ssh-key',
  collection: 'ssh_keys',
  member: 'ssh_key',
  reply: SshKey,
  pollMs: 500,
  hasProtection: false,
  show: (_ctx, _account, object) => ({
    spec: { publicKey: object.public_key },
    outputs: { fingerprint: object.fingerprint },
  }),
  body: (_ctx, _account, { spec }) => ({ body: { public_key: spec['publicKey'] } }),
};

/** As the API writes it: MD5 of the key itself. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.trim().split(/\s+/)[1] ?? '', 'base64');
  return (createHash('md5').update(blob).digest('hex').match(/../g) ?? []).join(':');
}
