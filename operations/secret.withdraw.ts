import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { issuedHere, noteWithdrawn } from './issuing.ts';
import { defineOperation } from './operation.ts';

export const secretWithdraw = defineOperation({
  name: 'secret.withdraw',
  summary: 'Withdraw a certificate for SSH before it ends.',
  description:
    'The answer is the whole list of what was withdrawn on this machine and has not ended: bring it to the servers as the file that sshd has under RevokedKeys. Sessions of AWS cannot be withdrawn one by one.',
  example: 'provisioning secret withdraw 1234567890 | base64 --decode > revoked_keys',
  permission: 'secret:issue',
  safe: false,
  input: z.strictObject({
    id: z
      .string()
      .regex(/^\w{1,128}$/, 'is an id as `secret issued` shows it')
      .describe('The serial number.')
      .meta({ positional: true }),
  }),
  output: z.strictObject({
    id: z.string(),
    revoked: z.base64().describe('The file under RevokedKeys of sshd, in base64.'),
  }),
  async run(ports, { id }, call) {
    const issued = await issuedHere(ports);
    const one = issued.find(found => found.id === id);
    if (one === undefined || one.state === 'ended')
      throw new Fault('usage', {
        id: 'SEC-ISSUED',
        what: one === undefined ? `nothing with the id ${id} was issued on this machine` : `${id} has ended already`,
        fix: 'provisioning secret issued',
      });
    if (one.kind === 'aws')
      throw new Fault('refused', {
        id: 'SEC-ISSUED',
        what: `${id} is a session of AWS, and AWS withdraws no single one`,
        fix: `deny the role everything for sessions from before now (aws:TokenIssueTime), or wait until ${one.until}`,
      });
    if (one.state === 'valid') await noteWithdrawn(ports, call, one);
    const gone = issued.filter(({ state, id: other }) => state === 'withdrawn' || other === id);
    const revoked = gone.flatMap(({ authority, id: serial }) => (authority === null ? [] : [{ authority, serial }]));
    const bytes = (await ports.openIssuer()).revocations(revoked, ports.world.clock.now());
    return { id, revoked: Buffer.from(bytes).toString('base64') };
  },
  text: ({ revoked }) => `${revoked}\n`,
});
