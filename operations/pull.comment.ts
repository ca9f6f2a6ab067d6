import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { NUMBER, plainForgeOf, PULL_FLAGS } from './pulls.ts';

export const pullComment = defineOperation({
  name: 'pull.comment',
  summary: 'Say something on a pull request, or give a command, in a repository without a Git host.',
  example: 'provisioning pull comment 7 "/provisioning hold"',
  permission: 'review:write',
  safe: false,
  input: z.strictObject({
    ...PULL_FLAGS,
    pull: NUMBER,
    text: z.string().min(1).max(10_000).describe('The comment.').meta({ positional: true }),
  }),
  output: z.strictObject({ pull: z.int() }),
  async run(ports, input, call) {
    const forge = await plainForgeOf(ports, input);
    await forge.say({ by: call.actor, pull: input.pull, body: input.text });
    return { pull: input.pull };
  },
  text: ({ pull }) => `Said on #${pull}.\n`,
});
