import { z } from 'zod';
import { apply, APPLY_FLAGS, AppliedOutput, appliedExit, appliedText } from './applying.ts';
import { defineOperation } from './operation.ts';
import { PLAN_FLAGS } from './plan.show.ts';
import { COMMIT, TARGET } from './target.ts';

export const applyRun = defineOperation({
  name: 'apply.run',
  aliases: ['apply'],
  summary: 'Apply the plan of a workspace, or exactly the reviewed plan with --plan.',
  example: 'provisioning apply --plan 3f6c1a9b2e77',
  permission: 'apply:write',
  safe: false,
  input: z.strictObject({ ...TARGET, ...COMMIT, ...PLAN_FLAGS, ...APPLY_FLAGS }),
  output: AppliedOutput,
  run: (ports, input, call) => apply(ports, { ...input, destroy: false }, call),
  text: appliedText,
  exitCode: appliedExit,
});
