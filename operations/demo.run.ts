import { z } from 'zod';
import { showDemo } from '../reconciler/demo.ts';
import { DriftEntry } from '../reconciler/report.ts';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';

const Pass = z.strictObject({ status: z.string(), writes: z.int(), commits: z.int() });

export const demoRun = defineOperation({
  name: 'demo.run',
  aliases: ['demo'],
  summary: 'Show the whole loop on a throw-away remote and a demo cloud: push, plan, apply, in sync, drift.',
  example: 'provisioning demo --once',
  permission: 'demo:write',
  safe: false,
  input: z.strictObject({
    once: z.boolean().default(false).describe('Stop after the tour instead of watching on.'),
    pullRequest: z
      .boolean()
      .default(false)
      .describe('Go through a pull request: plan, approval, merge, apply, report.'),
    example: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/)
      .default('web')
      .describe('Example workspace to use.'),
  }),
  output: z.strictObject({
    workspace: z.string(),
    stateRef: z.string(),
    changes: z.int(),
    checkpoints: z.array(z.strictObject({ commit: z.string(), subject: z.string() })),
    firstPass: Pass,
    secondPass: Pass,
    drift: z.array(DriftEntry),
    repaired: Pass,
    pull: z.strictObject({ number: z.int(), preview: z.string(), report: z.string() }).nullable(),
    durationMs: z.int(),
  }),
  async run(ports, input, call) {
    if (ports.stage === null)
      throw new Fault('unavailable', { id: 'DEMO', what: 'the demo needs the program’s own files' });
    return showDemo(ports, ports.stage, {
      ...input,
      actor: call.actor,
      signals: call.signals,
      progress: call.progress,
    });
  },
  text: ({ workspace, changes, checkpoints, pull, durationMs }) =>
    `\n${workspace}: ${changes} changes, ${checkpoints.length} checkpoint commits, in sync, ${pull === null ? 'drift found and repaired' : `reported on #${pull.number}`}, in ${(durationMs / 1_000).toFixed(1)} s.\n`,
});
