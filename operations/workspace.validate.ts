import { z } from 'zod';
import { foldersOf, foldersOnDisk } from '../reconciler/neighbours.ts';
import { resolveUses } from '../reconciler/upstream.ts';
import { asFault, Fault } from '../schemas/fault.ts';
import { loadWorkspaceFile } from '../schemas/parse/workspace-file.ts';
import { renderWarnings } from '../schemas/problem.ts';
import { defineOperation } from './operation.ts';
import { COMMIT, TARGET, targetOf } from './target.ts';

const Checked = z.strictObject({
  workspace: z.string(),
  resources: z.int(),
  files: z.int(),
  warnings: z.array(z.string()),
});

export const workspaceValidate = defineOperation({
  name: 'workspace.validate',
  aliases: ['validate'],
  summary: 'Check the files as they are on disk, in every environment. Asks no cloud and no remote.',
  example: 'provisioning validate -C infrastructure/shop',
  permission: 'workspace:read',
  safe: true,
  input: z.strictObject({ ...TARGET, ...COMMIT }),
  output: z.strictObject({ checked: z.array(Checked) }),
  async run(ports, input) {
    const { source, prefix } = await targetOf(ports, input);
    const folders =
      input.commit === undefined ? foldersOnDisk(source) : foldersOf(source, await source.resolve(input.commit));
    const files = await folders.files(prefix);
    const environments =
      input.env === undefined ? (loadWorkspaceFile(files, prefix).environments ?? [null]) : [input.env];
    const checked: z.infer<typeof Checked>[] = [];
    const faults: Fault[] = [];
    for (const env of environments) {
      try {
        const loaded = await ports.load({ files, prefix, env, drivers: ports.providers });
        await resolveUses(ports, loaded, folders);
        const { key, resources } = loaded.workspace;
        checked.push({
          workspace: key,
          resources: resources.length,
          files: loaded.files,
          warnings: renderWarnings(loaded.warnings),
        });
      } catch (error) {
        faults.push(asFault(error));
      }
    }
    const first = faults[0];
    if (first !== undefined) throw merged(first, faults);
    return { checked };
  },
  text({ checked }) {
    const line = (entry: z.infer<typeof Checked>): string =>
      [`✓ ${entry.workspace}: ${entry.resources} resources in ${entry.files} files`, ...entry.warnings].join('\n');
    return `${checked.map(line).join('\n')}\n`;
  },
});

/** One fault with the problems of all environments, each place and text once. */
function merged(first: Fault, faults: readonly Fault[]): Fault {
  const problems = new Map(
    faults.flatMap(fault => fault.problems.map(problem => [JSON.stringify(problem), problem] as const)),
  );
  return new Fault(first.code, [...problems.values()], { data: first.data, nothingChanged: true });
}
