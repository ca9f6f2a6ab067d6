import { z } from 'zod';
import { defineOperation } from './operation.ts';

const Line = z.strictObject({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  operation: z.string(),
  permission: z.string(),
  target: z.string(),
  phase: z.enum(['begin', 'end', 'note']),
  outcome: z.string().nullable(),
  of: z.int().nullable(),
  inputDigest: z.string().nullable(),
  facts: z.record(z.string(), z.json()),
});

export const auditList = defineOperation({
  name: 'audit.list',
  summary: 'Show who did what on this machine, newest first.',
  example: 'provisioning audit list --limit 20',
  permission: 'audit:read',
  safe: true,
  input: z.strictObject({
    limit: z.int().min(1).max(10_000).default(30).describe('How many records at most.'),
  }),
  output: z.strictObject({ records: z.array(Line) }),
  async run(ports, input) {
    const records = await ports.audit.list({ limit: input.limit });
    return { records: records.map(({ prev: _prev, hash: _hash, ...rest }) => rest as z.infer<typeof Line>) };
  },
  text({ records }) {
    if (records.length === 0) return 'Nothing is recorded yet.\n';
    const line = ({ seq, at, actor, operation, phase, outcome, target }: z.infer<typeof Line>): string =>
      `${String(seq).padStart(6)}  ${at.slice(0, 19).replace('T', ' ')}  ${actor}  ${operation} ${outcome ?? phase}  ${target}`.trimEnd();
    return `${records.map(line).join('\n')}\n`;
  },
});
