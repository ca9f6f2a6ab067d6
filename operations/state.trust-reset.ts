import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateTrustReset = defineOperation({
  name: 'state.trust-reset',
  summary: 'Accept the remote’s state chain although it is not a descendant of the one this machine saw last.',
  example: 'provisioning state trust-reset',
  permission: 'state:write',
  safe: false,
  input: z.strictObject({
    ...TARGET,
    autoApprove: z.boolean().default(false).describe('Do not ask.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey }),
  async run(ports, input, call) {
    const { store, loaded } = await stateOf(ports, input);
    const workspace = loaded.workspace.key;
    if (!input.autoApprove) {
      const title = `Accept the state chain of ${workspace} as it is on the remote?`;
      const detail = 'Somebody rewrote it, or an older copy was restored. What it no longer records may still exist.';
      if (!(await call.confirm({ title, detail }))) {
        throw new Fault('refused', { id: 'RUN-DECLINED', what: 'the reset was not confirmed' });
      }
    }
    await store.trustReset();
    return { workspace };
  },
  text: ({ workspace }) =>
    `${workspace}: the remote’s chain is accepted. Look at \`provisioning plan\` before anything else.\n`,
});
