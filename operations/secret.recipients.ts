import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { Changed, changeSecrets, changeText, CHANGING } from './secrets.ts';

export const secretRecipients = defineOperation({
  name: 'secret.recipients',
  summary: 'Say who can open the secrets of a workspace, and wrap the keys of all files for exactly these.',
  description:
    'Without --add and --remove it brings the files in line with secrets/.sops.yaml. When somebody loses access, files get new keys; set new values as well, because old ones may have been kept.',
  example: 'provisioning secret recipients --add age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({
    add: z
      .array(z.string())
      .default([])
      .describe('Recipients to add: a public key of age, an ARN of AWS KMS, the address of a transit key.'),
    remove: z.array(z.string()).default([]).describe('Recipients to take out.'),
    ...CHANGING,
  }),
  output: Changed.extend({ recipients: z.array(z.string()) }),
  async run(ports, input) {
    const { change, ...changed } = await changeSecrets(ports, input, {
      message: 'Change who can open the secrets',
      change: async folder => (await ports.openVault()).recipients(folder, input),
    });
    return { ...changed, recipients: [...change.recipients] };
  },
  text: answer => `${answer.recipients.join('\n')}\n${changeText(answer)}`,
});
