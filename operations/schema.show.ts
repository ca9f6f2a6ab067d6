import { z } from 'zod';
import { Fault } from '../schemas/fault.ts';
import { nearest } from '../schemas/nearest.ts';
import { jsonSchemas } from '../schemas/parse/json-schema.ts';
import { defineOperation } from './operation.ts';

const Schema = z.record(z.string(), z.json());

export const schemaShow = defineOperation({
  name: 'schema.show',
  summary: 'Print the JSON Schema of a sort of file, for editors and checks.',
  example: 'provisioning schema show workspace',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({
    file: z.string().describe('Sort of file: workspace, infra or defaults.').meta({ positional: true }),
  }),
  output: Schema,
  async run(_ports, input) {
    const schemas = jsonSchemas();
    const schema = Object.hasOwn(schemas, input.file) ? schemas[input.file] : undefined;
    if (schema !== undefined) return schema as z.infer<typeof Schema>;
    const known = Object.keys(schemas);
    const meant = nearest(input.file, known);
    throw new Fault('usage', {
      id: 'CLI-SCHEMA',
      what: `there is no such schema; known: ${known.join(', ')}`,
      ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
    });
  },
  text: schema => `${JSON.stringify(schema, null, 2)}\n`,
});
