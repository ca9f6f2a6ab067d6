import { basename, relative, resolve } from 'node:path';
import { z } from 'zod';
import { ensureRepository, writeNew } from '../platform/starter/starter.ts';
import { Fault } from '../schemas/fault.ts';
import { Name } from '../schemas/name.ts';
import { jsonSchemas } from '../schemas/parse/json-schema.ts';
import { defineOperation } from './operation.ts';

export const workspaceInit = defineOperation({
  name: 'workspace.init',
  aliases: ['init'],
  summary: 'Write a new workspace with one server into a folder. Nothing that exists is touched.',
  description:
    'It writes workspace.yaml, infra/main.yaml and the schemas by which editors complete and check them, and makes the folder a Git repository unless it is inside one.',
  example: 'provisioning init -C infrastructure/shop',
  permission: 'workspace:write',
  safe: false,
  input: z.strictObject({
    directory: z
      .string()
      .default('.')
      .describe('Folder of the new workspace; it is made if need be.')
      .meta({ short: 'C' }),
    name: Name.optional().describe('Name of the workspace. Default: the name of the folder.'),
  }),
  output: z.strictObject({
    directory: z.string(),
    name: Name,
    files: z.array(z.string()),
    repository: z.enum(['made', 'found']),
  }),
  async run(_ports, input) {
    const directory = resolve(input.directory);
    const name = input.name ?? nameOf(directory);
    const files = filesOf(name);
    writeNew(directory, files);
    const repository = ensureRepository(directory) ? ('made' as const) : ('found' as const);
    return { directory, name, files: Object.keys(files), repository };
  },
  text({ directory, name, files, repository }) {
    const here = relative('.', directory);
    const flag = here === '' ? '' : ` -C ${here}`;
    return [
      `Workspace ${name}: ${files.join(', ')}${repository === 'made' ? ', in a new Git repository' : ''}.`,
      '',
      'Next:',
      `  provisioning validate${flag}`,
      `  git${flag} add . && git${flag} commit -m "Describe the infrastructure"`,
      '  provisioning demo cloud        # in another terminal: a cloud to try things on',
      `  provisioning plan${flag}`,
      '',
    ].join('\n');
  },
});

/** The folder's name, if it can name a workspace. */
function nameOf(directory: string): string {
  const result = Name.safeParse(basename(directory).toLowerCase().replace(/[ _.]/g, '-'));
  if (result.success) return result.data;
  throw new Fault('usage', {
    id: 'CLI-NAME',
    what: 'the name of the folder cannot name a workspace',
    why: 'a name has 1 to 63 of a-z, 0-9 and -, and starts with a letter',
    fix: 'provisioning init --name shop',
  });
}

function filesOf(name: string): { readonly [path: string]: string } {
  const schemas = jsonSchemas();
  const schemaFiles = Object.entries(schemas).map(
    ([file, schema]) => [`.provisioning/${file}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`] as const,
  );
  return {
    'workspace.yaml': `# yaml-language-server: $schema=.provisioning/workspace.schema.json
name: ${name}
providers:
  demo: {}
`,
    'infra/main.yaml': `# yaml-language-server: $schema=../.provisioning/infra.schema.json
server:
  web-1:
    size: nano
    image: debian-12
`,
    ...Object.fromEntries(schemaFiles),
  };
}
