import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';
import { Changed, changeSecrets, changeText, CHANGING, PATH } from './secrets.ts';

export const secretRevoke = defineOperation({
  name: 'secret.revoke',
  summary: 'Take a secret out of its file.',
  description:
    'The history keeps its ciphertext, so revoke the credential where it was issued as well. Files that still use it are refused at the next plan.',
  example: 'provisioning secret revoke db/password',
  permission: 'secret:write',
  safe: false,
  input: z.strictObject({ ...PATH, ...CHANGING, autoApprove: z.boolean().default(false).describe('Do not ask.') }),
  output: Changed,
  async run(ports, input, call) {
    const detail = 'Whatever uses it is refused at the next plan, until it uses another one.';
    if (!input.autoApprove && !(await call.confirm({ title: `Take ${input.path} out?`, detail })))
      throw new Fault('refused', { id: 'RUN-DECLINED', what: 'it was not confirmed' });
    const { change: _, ...changed } = await changeSecrets(ports, input, {
      message: `Revoke the secret ${input.path}`,
      change: async folder => (await ports.openVault()).remove(folder, input.path),
    });
    return changed;
  },
  text: changeText,
});
