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
