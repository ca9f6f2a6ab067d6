import { z } from 'zod';
import { FAULT_CODES } from '../schemas/fault.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateVerify = defineOperation({
  name: 'state.verify',
  summary: 'Check every commit of the state chain: sequence, epochs, checksums and contents.',
  example: 'provisioning state verify',
  permission: 'state:read',
  safe: true,
  input: z.strictObject(TARGET),
  output: z.strictObject({
    workspace: WorkspaceKey,
    commits: z.int(),
    objects: z.int(),
    epochs: z.int(),
    problems: z.array(z.strictObject({ commit: z.string(), what: z.string() })),
  }),
  async run(ports, input) {
    const { store, loaded } = await stateOf(ports, input);
    const report = await store.verify();
    return { workspace: loaded.workspace.key, ...report, problems: report.problems.map(problem => ({ ...problem })) };
  },
  text({ workspace, commits, objects, epochs, problems }) {
    const head = `${workspace}: ${commits} commits, ${epochs} epochs, ${objects} objects`;
    if (problems.length === 0) return `${head}: all check out.\n`;
    return `${head}: ${problems.length} problems\n${problems.map(problem => `  ${problem.commit.slice(0, 12)}  ${problem.what}`).join('\n')}\n`;
  },
  exitCode: ({ problems }) => (problems.length === 0 ? 0 : FAULT_CODES.integrity),
});
