import { z } from 'zod';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { setHold } from './holding.ts';
import { TARGET } from './target.ts';

export const runHold = defineOperation({
  name: 'run.hold',
  aliases: ['hold'],
  summary: 'Stop applying: a run in progress finishes what is in flight, and nothing new starts until `resume`.',
  example: 'provisioning hold --why "maintenance window"',
  permission: 'apply:hold',
  safe: false,
  input: z.strictObject({
    ...TARGET,
    why: z.string().min(1).max(200).default('no reason given').describe('Shown to everybody who wants to apply.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, held: z.boolean(), by: z.string(), why: z.string() }),
  run: (ports, input, call) =>
    setHold(ports, input, { by: call.actor, why: input.why, held: true, signals: call.signals }),
  text: ({ workspace, why }) => `${workspace} is on hold: ${why}. To go on: provisioning resume\n`,
});
