import { z } from 'zod';
import { WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateList = defineOperation({
  name: 'state.list',
  summary: 'List the recorded objects.',
  example: 'provisioning state list --kind server',
  permission: 'state:read',
  safe: true,
  input: z.strictObject({ ...TARGET, kind: z.string().optional().describe('Only objects of this kind.') }),
  output: z.strictObject({
    workspace: WorkspaceKey,
    sequence: z.int(),
    objects: z.array(
      z.strictObject({
        key: z.string(),
        provider: z.string(),
        id: z.string(),
        tainted: z.boolean(),
        protected: z.boolean(),
      }),
    ),
  }),
  async run(ports, input) {
    const { store, loaded } = await stateOf(ports, input);
    const recorded = await store.read();
    const objects = [...recorded.objects.values()]
      .filter(object => input.kind === undefined || object.kind === input.kind)
      .map(({ key, provider, id, tainted, protect }) => ({
        key,
        provider,
        id,
        tainted: tainted ?? false,
        protected: protect,
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    return { workspace: loaded.workspace.key, sequence: recorded.sequence, objects };
  },
  text({ workspace, objects }) {
    if (objects.length === 0) return `${workspace}: nothing is recorded.\n`;
    const width = Math.max(...objects.map(object => object.key.length));
    const line = (object: (typeof objects)[number]): string => {
      const marks = [object.tainted ? 'unfinished' : '', object.protected ? 'protected' : ''].filter(
        mark => mark !== '',
      );
      return `${object.key.padEnd(width)}  ${object.provider}  ${object.id}${marks.length > 0 ? `  (${marks.join(', ')})` : ''}`;
    };
    return `${objects.map(line).join('\n')}\n${objects.length} objects in ${workspace}.\n`;
  },
});
