import { demoKind } from './kind.ts';

export const sshKey = demoKind({
  collection: 'ssh_keys',
  fields: { publicKey: 'public_key' },
  outputs: { fingerprint: 'fingerprint' },
});
