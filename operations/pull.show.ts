import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';
import { NUMBER, plainForgeOf, PULL_FLAGS } from './pulls.ts';

export const pullShow = defineOperation({
  name: 'pull.show',
  summary: 'Show the conversation of a pull request, in a repository without a Git host.',
  example: 'provisioning pull show 7',
  permission: 'plan:read',
  safe: true,
  input: z.strictObject({ ...PULL_FLAGS, pull: NUMBER }),
  output: z.strictObject({
    pull: z.int(),
    title: z.string(),
    state: z.enum(['open', 'closed', 'merged']),
    remarks: z.array(z.strictObject({ by: z.string(), body: z.string() })),
  }),
  async run(ports, input) {
    const forge = await plainForgeOf(ports, input);
    const found = await forge.pull(input.pull);
    if (found === null) throw new Fault('usage', { id: 'RV-PULL', what: `there is no pull request ${input.pull}` });
    const remarks = (await forge.remarks(input.pull)).map(({ by, body }) => ({ by, body }));
    return { pull: found.number, title: found.title, state: found.state, remarks };
  },
  text: ({ pull, title, state, remarks }) =>
    [`#${pull} ${title} (${state})`, ...remarks.map(({ by, body }) => `\n${by}:\n${body}`)].join('\n').concat('\n'),
});
