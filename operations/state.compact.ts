import { z } from 'zod';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateCompact = defineOperation({
  name: 'state.compact',
  summary:
    'Start the state chain anew from its present contents; the former commits stay readable under a history branch.',
  example: 'provisioning state compact',
  permission: 'state:write',
  safe: false,
  input: z.strictObject(TARGET),
  output: z.strictObject({ workspace: WorkspaceKey, history: z.string(), commits: z.int() }),
  async run(ports, input, call) {
    const { store, loaded } = await stateOf(ports, input);
    const compacted = await store.compact(ports.holder, { waitMs: 60_000, signal: call.signals.stop });
    return { workspace: loaded.workspace.key, ...compacted };
  },
  text: ({ workspace, history, commits }) => `${workspace}: ${commits} commits moved to ${history}.\n`,
});
