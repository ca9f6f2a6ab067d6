import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { NUMBER, plainForgeOf, PULL_FLAGS } from './pulls.ts';

export const pullApprove = defineOperation({
  name: 'pull.approve',
  summary: 'Approve the plan of a pull request, in a repository without a Git host.',
  example: 'provisioning pull approve 7',
  permission: 'plan:approve',
  safe: false,
  input: z.strictObject({ ...PULL_FLAGS, pull: NUMBER }),
  output: z.strictObject({ pull: z.int(), by: z.string() }),
  async run(ports, input, call) {
    const forge = await plainForgeOf(ports, input);
    await forge.judge({ by: call.actor, pull: input.pull, verdict: 'approved' });
    return { pull: input.pull, by: call.actor };
  },
  text: ({ pull, by }) =>
    `#${pull} is approved by ${by}. Whether it counts is told on the pull request:\n  provisioning pull show ${pull}\n`,
});
