import { z } from 'zod';
import { CLUSTERS } from '../clusters/index.ts';
import { listParameters } from '../schemas/parameter-list.ts';
import { named } from './named.ts';
import { defineOperation } from './operation.ts';
import { indented, PARAMETER, parametersText } from './parameters.ts';

export const clusterShow = defineOperation({
  name: 'cluster.show',
  summary: 'Show a cluster template: its fields, and an example.',
  example: 'provisioning cluster show web',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({ template: z.string().describe('Name of the template.').meta({ positional: true }) }),
  output: z.strictObject({
    name: z.string(),
    summary: z.string(),
    fields: z.array(PARAMETER),
    example: z.string(),
  }),
  async run(_ports, input) {
    const found = named(CLUSTERS, input.template, { id: 'CLI-CLUSTER', noun: 'template' });
    const { name, summary, example } = found;
    return { name, summary, fields: [...listParameters(found.spec())], example };
  },
  text: ({ name, summary, fields, example }) =>
    `${name}: ${summary}\n\n${parametersText(fields)}\n${indented(example)}`,
});
