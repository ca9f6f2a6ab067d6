import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { plainForgeOf, PULL_FLAGS } from './pulls.ts';

export const pullOpen = defineOperation({
  name: 'pull.open',
  summary: 'Open a pull request for a pushed branch, in a repository without a Git host.',
  description:
    'Conversations then stand on a ref of the repository itself. Git knows nobody by name: whoever may push is trusted.',
  example: 'provisioning pull open --from add-a-server --title "Add a server"',
  permission: 'review:write',
  safe: false,
  input: z.strictObject({
    ...PULL_FLAGS,
    from: z.string().describe('The branch with the change; it must be pushed.'),
    title: z.string().max(200).optional().describe('What it is about. Default: the name of the branch.'),
  }),
  output: z.strictObject({ pull: z.int(), head: z.string() }),
  async run(ports, input, call) {
    const forge = await plainForgeOf(ports, input);
    const opened = await forge.open({ by: call.actor, branch: input.from, title: input.title ?? input.from });
    return { pull: opened.number, head: opened.head.sha };
  },
  text: ({ pull, head }) =>
    `Pull request #${pull} is open for commit ${head.slice(0, 12)}. Plan it:\n  provisioning review --pull ${pull}\n`,
});
