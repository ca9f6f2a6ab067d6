import { z } from 'zod';
import { SecretPath } from '../schemas/secret.ts';
import { defineOperation } from './operation.ts';
import { Changed, changeSecrets, changeText, CHANGING } from './secrets.ts';

export const secretRotate = defineOperation({
  name: 'secret.rotate',
  summary: 'Encrypt files of secrets anew, each with a new key, for the recipients that the rules name.',
  description:
    'The values stay as they are; only whoever kept an old key can no longer use it. Set a new value with `secret set`.',
  example: 'provisioning secret rotate --commit',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({
    name: SecretPath.optional().describe('One file alone, for example db.').meta({ positional: true }),
    ...CHANGING,
  }),
  output: Changed,
  async run(ports, input) {
    const { change: _, ...changed } = await changeSecrets(ports, input, {
      message: `Rotate the keys of ${input.name ?? 'all secrets'}`,
      change: async folder => (await ports.openVault()).rotate(folder, input.name ?? null),
    });
    return changed;
  },
  text: changeText,
});
