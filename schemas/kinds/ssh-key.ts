import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels } from './fields.ts';

export const sshKey: Kind = {
  name: 'ssh-key',
  summary: 'A public key that servers accept for login.',
  spec: z.strictObject({
    publicKey: z
      .string()
      .max(8_192)
      .regex(
        /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+(?: [^\n]*)?$/,
        'a public key starts with its type, for example ssh-ed25519',
      )
      .describe('One line, as in `id_ed25519.pub`.'),
    labels: labels.optional(),
  }),
  fields: { publicKey: { effect: 'replace' }, labels: { effect: 'live', sharedKeys: true } },
  outputs: { id: { lifetime: 'stable' }, fingerprint: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: true,
};
