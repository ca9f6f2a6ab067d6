import { z } from 'zod';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

const Entry = z.strictObject({
  commit: z.string(),
  sequence: z.int(),
  epoch: z.int(),
  at: z.string(),
  run: z.string().nullable(),
  plan: z.string().nullable(),
  step: z.string(),
  subject: z.string(),
});

export const historyShow = defineOperation({
  name: 'history.show',
  aliases: ['history'],
  summary: 'Show the checkpoints, newest first.',
  example: 'provisioning history --limit 20',
  permission: 'state:read',
  safe: true,
  input: z.strictObject({
    ...TARGET,
    limit: z.int().min(1).max(10_000).default(30).describe('How many checkpoints at most.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, entries: z.array(Entry) }),
  async run(ports, input) {
    const { store, loaded } = await stateOf(ports, input);
    const entries = await store.history({ limit: input.limit });
    return {
      workspace: loaded.workspace.key,
      entries: entries.map(({ commit, sequence, epoch, at, run, plan, step, subject }) => ({
        commit,
        sequence,
        epoch,
        at: new Date(at).toISOString(),
        run,
        plan,
        step,
        subject,
      })),
    };
  },
  text({ workspace, entries }) {
    if (entries.length === 0) return `${workspace}: no checkpoints yet.\n`;
    const line = (entry: z.infer<typeof Entry>): string =>
      `${entry.commit.slice(0, 10)}  ${String(entry.sequence).padStart(6)}  ${entry.at.slice(0, 19).replace('T', ' ')}  ${entry.subject}`;
    return `${entries.map(line).join('\n')}\n`;
  },
});
