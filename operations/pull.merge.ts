import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { NUMBER, plainForgeOf, PULL_FLAGS } from './pulls.ts';

export const pullMerge = defineOperation({
  name: 'pull.merge',
  summary: 'Merge a pull request, in a repository without a Git host. What was reviewed is then applied.',
  example: 'provisioning pull merge 7',
  permission: 'review:write',
  safe: false,
  input: z.strictObject({ ...PULL_FLAGS, pull: NUMBER }),
  output: z.strictObject({ pull: z.int(), commit: z.string() }),
  async run(ports, input) {
    const forge = await plainForgeOf(ports, input);
    return { pull: input.pull, commit: await forge.merge({ pull: input.pull }) };
  },
  text: ({ pull, commit }) =>
    `#${pull} is merged as ${commit.slice(0, 12)}. Apply it:\n  provisioning reconcile --once\n`,
});
