import { z } from 'zod';
import { SecretPath } from '../schemas/secret.ts';
import { defineOperation } from './operation.ts';
import { Changed, changeSecrets, changeText, CHANGING } from './secrets.ts';

export const secretEdit = defineOperation({
  name: 'secret.edit',
  summary: 'Open one file of secrets in your editor.',
  description:
    'The plain text lies in memory meanwhile, for you alone. Values that you leave keep their ciphertext, so the change shows what you changed.',
  example: 'provisioning secret edit db',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({
    name: SecretPath.describe('The file, for example db for secrets/db.sops.yaml.').meta({ positional: true }),
    ...CHANGING,
  }),
  output: Changed,
  async run(ports, input, call) {
    await ports.audit.record({
      actor: call.actor,
      operation: 'secret.read',
      permission: 'secret:write',
      target: input.directory,
      facts: { path: input.name, purpose: 'secret edit' },
    });
    const { change: _, ...changed } = await changeSecrets(ports, input, {
      message: `Edit the secrets ${input.name}`,
      change: async folder => (await ports.openVault()).edit(folder, input.name),
    });
    return changed;
  },
  text: changeText,
});
