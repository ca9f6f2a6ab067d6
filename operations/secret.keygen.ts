import { z } from 'zod';
import { defineOperation } from './operation.ts';

export const secretKeygen = defineOperation({
  name: 'secret.keygen',
  summary: 'Make this machine’s own keys for secrets where there are none, and show their public names.',
  example: 'provisioning secret keygen',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({}),
  output: z.strictObject({
    recipient: z.string().describe('Public key of age; others encrypt for it.'),
    local: z.string().describe('Name of the key that never leaves this machine.'),
  }),
  run: async ports => (await ports.openVault()).keygen(),
  text: ({ recipient, local }) => `${recipient}\nlocal:${local}\n`,
});
