import { z } from 'zod';
import { Issued, issuedHere } from './issuing.ts';
import { defineOperation } from './operation.ts';

export const secretIssued = defineOperation({
  name: 'secret.issued',
  summary: 'List the credentials that were issued on this machine, and when they end.',
  example: 'provisioning secret issued',
  permission: 'secret:read',
  safe: true,
  input: z.strictObject({ all: z.boolean().default(false).describe('Also those that have ended.') }),
  output: z.strictObject({ issued: z.array(Issued).describe('Newest first.') }),
  async run(ports, { all }) {
    const issued = await issuedHere(ports);
    return { issued: issued.filter(({ state }) => all || state !== 'ended') };
  },
  text({ issued }) {
    if (issued.length === 0) return 'Nothing that was issued here is good any more.\n';
    return issued.map(({ id, kind, state, until, what }) => `${until}  ${state}  ${kind} ${id}  ${what}\n`).join('');
  },
});
