import { z } from 'zod';
import { rebuiltObjects } from '../reconciler/rebuild.ts';
import { observe, openSession } from '../reconciler/session.ts';
import { emptyRecorded } from '../schemas/checkpoint.ts';
import { Fault } from '../schemas/fault.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateRebuild = defineOperation({
  name: 'state.rebuild',
  summary: 'Write the recorded state anew from the labels of the real objects, after the chain was lost or damaged.',
  example: 'provisioning state rebuild',
  permission: 'state:write',
  safe: false,
  input: z.strictObject({
    ...TARGET,
    autoApprove: z.boolean().default(false).describe('Do not ask.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, lineage: z.string(), objects: z.array(z.string()) }),
  async run(ports, input, call) {
    const { store, loaded } = await stateOf(ports, input);
    const workspace = loaded.workspace;
    const nothing = emptyRecorded(workspace.key, '');
    const session = await openSession(ports, { workspace, recorded: nothing }, call.signals.abort);
    const observations = await observe(session, { workspace, recorded: nothing }, call.signals.abort);
    const { lineage, objects } = rebuiltObjects(workspace, observations);
    const list = objects.map(object => `${object.key}  ${object.id}`).join('\n');
    if (!input.autoApprove) {
      const agreed = await call.confirm({
        title: `Record these ${objects.length} objects as the state of ${workspace.key}?`,
        detail: list,
      });
      if (!agreed) throw new Fault('refused', { id: 'RUN-DECLINED', what: 'the rebuild was not confirmed' });
    }
    await store.rebuild({ lineage, objects, by: call.actor, holder: ports.holder });
    return { workspace: workspace.key, lineage, objects: objects.map(object => object.key) };
  },
  text: ({ workspace, objects }) =>
    `${workspace}: ${objects.length} objects recorded anew. Look at \`provisioning plan\` before anything else.\n`,
});
