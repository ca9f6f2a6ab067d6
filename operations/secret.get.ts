import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';
import { FOLDER, openSecrets, PATH } from './secrets.ts';

export const secretGet = defineOperation({
  name: 'secret.get',
  summary: 'Show one secret to the person at this terminal.',
  description:
    'Elsewhere than at a terminal it is shown only with --reveal. The access is in the audit log before the file is opened.',
  example: 'provisioning secret get db/password',
  permission: 'secret:read',
  safe: true,
  input: z.strictObject({
    ...PATH,
    ...FOLDER,
    reveal: z.boolean().default(false).describe('Also where the answer is read by a program or goes into a file.'),
  }),
  output: z.strictObject({ path: z.string(), version: z.string(), value: z.string() }),
  async run(ports, input, call) {
    if (call.isShown !== true && !input.reveal)
      throw new Fault('refused', {
        id: 'SEC-SHOWN',
        what: `the value of ${input.path} would not go to a terminal`,
        fix: 'add --reveal when you know where it goes',
      });
    const secrets = await openSecrets(ports, input, call);
    try {
      const value = await secrets.reveal(input.path, 'secret get');
      const version = secrets.entries.find(entry => entry.path === input.path)?.version ?? '';
      return { path: input.path, version, value: value.reveal() };
    } finally {
      secrets.close();
    }
  },
  text: ({ value }) => (value.endsWith('\n') ? value : `${value}\n`),
});
