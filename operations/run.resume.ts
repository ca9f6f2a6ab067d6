import { z } from 'zod';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { setHold } from './holding.ts';
import { TARGET } from './target.ts';

export const runResume = defineOperation({
  name: 'run.resume',
  aliases: ['resume'],
  summary: 'End a hold. The next pass goes on where the run stopped.',
  example: 'provisioning resume',
  permission: 'apply:hold',
  safe: false,
  input: z.strictObject(TARGET),
  output: z.strictObject({ workspace: WorkspaceKey, held: z.boolean(), by: z.string(), why: z.string() }),
  run: (ports, input, call) => setHold(ports, input, { by: call.actor, why: '', held: false, signals: call.signals }),
  text: ({ workspace }) => `${workspace} is no longer on hold.\n`,
});
