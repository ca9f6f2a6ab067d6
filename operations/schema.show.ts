import { z } from 'zod';
import { CLUSTERS } from '../clusters/index.ts';
import type { JsonObject } from '../schemas/json.ts';
import { clusterSchema, jsonSchemas, serviceSchema } from '../schemas/parse/json-schema.ts';
import { TASKSERVS } from '../taskservs/index.ts';
import { named } from './named.ts';
import { defineOperation } from './operation.ts';

const Schema = z.record(z.string(), z.json());

export const schemaShow = defineOperation({
  name: 'schema.show',
  summary: 'Print the JSON Schema of a sort of file, a task service or a cluster template, for editors and checks.',
  example: 'provisioning schema show taskserv.redis',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({
    file: z
      .string()
      .describe('workspace, infra, clusters, taskservs, defaults or service; or taskserv.<name> or cluster.<name>.')
      .meta({ positional: true }),
  }),
  output: Schema,
  async run(_ports, input) {
    const [sort = '', name = ''] = input.file.split(/\.(.*)/s);
    return schemaOf(sort, name) as z.infer<typeof Schema>;
  },
  text: schema => `${JSON.stringify(schema, null, 2)}\n`,
});

function schemaOf(sort: string, name: string): JsonObject {
  if (sort === 'taskserv' && name !== '')
    return serviceSchema(named(TASKSERVS, name, { id: 'CLI-TASKSERV', noun: 'task service' }));
  if (sort === 'cluster' && name !== '')
    return clusterSchema(named(CLUSTERS, name, { id: 'CLI-CLUSTER', noun: 'template' }));
  const schemas = jsonSchemas({ services: TASKSERVS, templates: CLUSTERS });
  return named(schemas, name === '' ? sort : `${sort}.${name}`, { id: 'CLI-SCHEMA', noun: 'schema' });
}
