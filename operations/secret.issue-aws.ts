import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { noteIssued } from './issuing.ts';
import { defineOperation } from './operation.ts';

export const secretIssueAws = defineOperation({
  name: 'secret.issue-aws',
  summary: 'Have AWS issue credentials that end by themselves.',
  description:
    'Of a role where one is named, or else of the credentials that are found here. The answer is made of lines for a shell. Elsewhere than at a terminal it is shown only with --reveal.',
  example: 'provisioning secret issue-aws --role arn:aws:iam::123456789012:role/deploy --minutes 30',
  permission: 'secret:issue',
  safe: false,
  input: z.strictObject({
    role: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'is the ARN of a role')
      .optional()
      .describe('ARN of the role whose rights they have.'),
    minutes: z.int().min(15).max(720).default(60).describe('How long they are good for.'),
    reveal: z.boolean().default(false).describe('Also where the answer is read by a program or goes into a file.'),
  }),
  output: z.strictObject({
    id: z.string().describe('The access key id, which is a public name.'),
    secretAccessKey: z.string(),
    sessionToken: z.string(),
    until: z.iso.datetime(),
  }),
  async run(ports, { role, minutes, reveal }, call) {
    if (call.isShown !== true && !reveal)
      throw new Fault('refused', {
        id: 'SEC-SHOWN',
        what: 'the credentials would not go to a terminal',
        fix: 'add --reveal when you know where they go',
      });
    const name = call.actor.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
    const { accessKeyId: id, until: at, ...held } = await (await ports.openIssuer()).session({ role, minutes, name });
    const until = new Date(at).toISOString();
    await noteIssued(ports, call, { id, kind: 'aws', what: role ?? 'the credentials of this machine', until });
    return { id, ...held, until };
  },
  text: ({ id, secretAccessKey, sessionToken, until }) =>
    `# until ${until}\nexport AWS_ACCESS_KEY_ID=${id}\nexport AWS_SECRET_ACCESS_KEY=${secretAccessKey}\nexport AWS_SESSION_TOKEN=${sessionToken}\n`,
});
