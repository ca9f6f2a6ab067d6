import { z } from 'zod';
import { findDrift } from '../planner/drift.ts';
import { driftEntries } from '../reconciler/drift.ts';
import { DriftEntry } from '../reconciler/report.ts';
import { look } from '../reconciler/view.ts';
import { EXIT_PENDING } from '../schemas/fault.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { TARGET, targetOf } from './target.ts';

export const driftShow = defineOperation({
  name: 'drift.show',
  aliases: ['drift'],
  summary: 'Show what changed behind the back of the record. Changes nothing.',
  example: 'provisioning drift --detailed-exitcode',
  permission: 'plan:read',
  safe: true,
  input: z.strictObject({
    ...TARGET,
    detailedExitcode: z.boolean().default(false).describe('Exit with 10 when something drifted.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, objects: z.int(), drift: z.array(DriftEntry) }),
  async run(ports, input, call) {
    const view = await look(ports, await targetOf(ports, input), call.signals.abort);
    const drift = driftEntries(findDrift({ recorded: view.recorded, observations: view.observations }));
    return { workspace: view.workspace.key, objects: view.recorded.objects.size, drift };
  },
  text({ workspace, objects, drift }) {
    if (drift.length === 0) return `${workspace}: no drift in ${objects} objects.\n`;
    const lines = drift.map(entry => `  ${entry.text}`);
    return `${workspace}: ${drift.length} of ${objects} objects drifted.\n${lines.join('\n')}\n\nTo put it right: provisioning plan, then apply. To keep it: write it into the files.\n`;
  },
  exitCode({ drift }, { detailedExitcode }) {
    return detailedExitcode && drift.length > 0 ? EXIT_PENDING : 0;
  },
});
