import { z } from 'zod';
import { listParameters } from '../schemas/parameter-list.ts';
import { CATEGORIES } from '../schemas/taskserv.ts';
import { EXAMPLES } from '../taskservs/examples.ts';
import { named } from './named.ts';
import { defineOperation } from './operation.ts';
import { indented, PARAMETER, parametersText } from './parameters.ts';
import { FOLDER, servicesIn } from './services.ts';

const SOURCES = {
  debian: 'packages of the distribution',
  repository: 'packages of a signed repository',
  release: 'a release with a pinned SHA-256',
  manifest: 'a manifest for Kubernetes with a pinned SHA-256',
} as const;

export const taskservShow = defineOperation({
  name: 'taskserv.show',
  summary: 'Show a task service: its parameters, what it needs, and an example.',
  example: 'provisioning taskserv show redis',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({
    ...FOLDER,
    service: z.string().describe('Name of the service.').meta({ positional: true }),
  }),
  output: z.strictObject({
    name: z.string(),
    summary: z.string(),
    categories: z.array(z.enum(CATEGORIES)),
    source: z.enum(['debian', 'repository', 'release', 'manifest']),
    /** Where none is asked for; absent where the distribution decides. */
    version: z.string().optional(),
    isOwn: z.boolean(),
    needs: z.array(z.string()),
    conflicts: z.array(z.string()),
    holdsData: z.boolean(),
    /** Folders that stay on the host when it is removed. */
    data: z.array(z.string()),
    parameters: z.array(PARAMETER),
    example: z.string().optional(),
  }),
  async run(ports, input) {
    const { services, own } = await servicesIn(ports, input.directory);
    const service = named(services, input.service, { id: 'CLI-TASKSERV', noun: 'task service' });
    const { name, summary, categories, source, version, needs = [], conflicts = [], holdsData, data = [] } = service;
    const example = EXAMPLES[name];
    return {
      name,
      summary,
      categories: [...categories],
      source,
      ...(version === null ? {} : { version }),
      isOwn: own.has(name),
      needs: [...needs],
      conflicts: [...conflicts],
      holdsData,
      data: [...data],
      parameters: [...listParameters(service.parameters())],
      ...(example === undefined ? {} : { example }),
    };
  },
  text(service) {
    const { name, summary, categories, source, version, isOwn, needs, conflicts, parameters, example } = service;
    const lines = [
      `${name}: ${summary}`,
      '',
      `  in          ${categories.join(', ')}${isOwn ? ' (of this workspace)' : ''}`,
      `  comes from  ${SOURCES[source]}${version === undefined ? '' : `, version ${version} unless said`}`,
      ...(needs.length === 0 ? [] : [`  needs       ${needs.join(', ')} on the same server`]),
      ...(conflicts.length === 0 ? [] : [`  not beside  ${conflicts.join(', ')}`]),
      `  holds data  ${dataText(service)}`,
    ];
    const fields = parameters.length === 0 ? '  It has no parameters besides version.\n' : parametersText(parameters);
    return `${lines.join('\n')}\n\n${fields}${example === undefined ? '' : `\n${indented(example)}`}`;
  },
});

function dataText({ holdsData, data }: { readonly holdsData: boolean; readonly data: readonly string[] }): string {
  if (!holdsData) return 'no';
  return data.length === 0 ? 'yes' : `yes; ${data.join(', ')} stays when it is removed`;
}
