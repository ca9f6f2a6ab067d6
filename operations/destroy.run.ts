import { z } from 'zod';
import { apply, APPLY_FLAGS, AppliedOutput, appliedExit, appliedText } from './applying.ts';
import { defineOperation } from './operation.ts';
import { PLAN_FLAGS } from './plan.show.ts';
import { COMMIT, TARGET } from './target.ts';

export const destroyRun = defineOperation({
  name: 'destroy.run',
  aliases: ['destroy'],
  summary: 'Delete everything that is recorded for a workspace. Protected objects refuse.',
  example: 'provisioning destroy --allow-deletes 9',
  permission: 'apply:destroy',
  safe: false,
  input: z.strictObject({ ...TARGET, ...COMMIT, ...PLAN_FLAGS, ...APPLY_FLAGS }),
  output: AppliedOutput,
  run: (ports, input, call) => apply(ports, { ...input, destroy: true }, call),
  text: appliedText,
  exitCode: appliedExit,
});
