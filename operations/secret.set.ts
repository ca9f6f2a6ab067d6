import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';
import { Changed, changeSecrets, changeText, CHANGING, PATH } from './secrets.ts';

export const secretSet = defineOperation({
  name: 'secret.set',
  summary: 'Set a secret to what is piped in or typed.',
  description:
    'The value never stands in an argument, where others could see it. A new file is encrypted for the recipients that secrets/.sops.yaml names; other values of a file keep their ciphertext.',
  example: 'provisioning secret set db/password --commit',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({
    ...PATH,
    ...CHANGING,
    binary: z.boolean().default(false).describe('A new file that is this one secret, such as a key or a certificate.'),
  }),
  output: Changed,
  async run(ports, input, call) {
    const value = await call.readSecret?.(`Value of ${input.path}`);
    if (value === undefined) throw new Fault('usage', { id: 'SEC-INPUT', what: 'a secret cannot be given here' });
    const { change: _, ...changed } = await changeSecrets(ports, input, {
      message: `Set the secret ${input.path}`,
      change: async folder => (await ports.openVault()).set(folder, input.path, value, { isBinary: input.binary }),
    });
    return changed;
  },
  text: changeText,
});
