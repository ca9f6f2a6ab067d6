import { z } from 'zod';
import { FAULT_CODES } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';

export const auditVerify = defineOperation({
  name: 'audit.verify',
  summary: 'Check the audit log of this machine: every line, hash and number.',
  example: 'provisioning audit verify',
  permission: 'audit:read',
  safe: true,
  input: z.strictObject({}),
  output: z.strictObject({
    records: z.int(),
    head: z.string(),
    problems: z.array(z.strictObject({ line: z.int(), what: z.string() })),
  }),
  async run(ports) {
    const { records, head, problems } = await ports.audit.verify();
    return { records, head, problems: problems.map(problem => ({ ...problem })) };
  },
  text({ records, head, problems }) {
    if (problems.length === 0) return `${records} records, all check out. The newest has the hash ${head}.\n`;
    return `${records} records, ${problems.length} problems\n${problems.map(({ line, what }) => `  line ${line}: ${what}`).join('\n')}\n`;
  },
  exitCode: ({ problems }) => (problems.length === 0 ? 0 : FAULT_CODES.integrity),
});
