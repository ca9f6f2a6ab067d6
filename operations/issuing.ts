import { z } from 'zod';
import type { AuditRecord } from '../platform/audit/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import type { Call } from './operation.ts';

const ISSUED = 'secret.issued';
const WITHDRAWN = 'secret.withdrawn';
/** Far more than is issued in the day that the longest of them lasts. */
const RECORDS = 10_000;

/** A credential that ends by itself, as the audit log has it. Its value is not there. */
export const Issued = z.strictObject({
  id: z.string().describe('Serial number of a certificate, or access key id of a session.'),
  kind: z.enum(['ssh', 'aws']),
  what: z.string().describe('The key that was signed and whom it is let in as, or the role.'),
  by: z.string(),
  at: z.iso.datetime(),
  until: z.iso.datetime(),
  state: z.enum(['valid', 'ended', 'withdrawn']),
  authority: z.string().nullable().describe('The public key that signed a certificate.'),
});
export type Issued = z.infer<typeof Issued>;

type Noted = Pick<Issued, 'id' | 'kind' | 'what' | 'until'> & { readonly authority?: string };

/** Notes down what was issued; before that succeeded, nobody gets it. */
export async function noteIssued(ports: Ports, { actor }: Call, noted: Noted): Promise<void> {
  const event = { actor, operation: ISSUED, permission: 'secret:issue', target: noted.what };
  await ports.audit.record({ ...event, facts: { ...noted } });
}

export async function noteWithdrawn(ports: Ports, { actor }: Call, { id, what }: Issued): Promise<void> {
  const event = { actor, operation: WITHDRAWN, permission: 'secret:issue', target: what };
  await ports.audit.record({ ...event, facts: { id } });
}

/** What was issued on this machine, newest first. */
export async function issuedHere({ audit, world }: Ports): Promise<readonly Issued[]> {
  const records = await audit.list({ limit: RECORDS });
  const withdrawn = new Set(records.filter(({ operation }) => operation === WITHDRAWN).map(({ facts }) => facts['id']));
  const now = world.clock.now();
  return records
    .filter(({ operation }) => operation === ISSUED)
    .map(({ actor: by, at, facts }: AuditRecord) => {
      const ended = Date.parse(String(facts['until'])) <= now;
      const state = ended ? 'ended' : withdrawn.has(facts['id'] ?? null) ? 'withdrawn' : 'valid';
      return Issued.parse({ authority: null, ...facts, by, at, state });
    });
}
