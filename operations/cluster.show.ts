import { z } from 'zod';
import { CLUSTERS } from '../clusters/index.ts';
import { Fault } from '../schemas/fault.ts';
import { nearest } from '../schemas/nearest.ts';
import { defineOperation } from './operation.ts';

const Shown = z.strictObject({
  name: z.string(),
  summary: z.string(),
  fields: z.array(z.strictObject({ name: z.string(), required: z.boolean(), description: z.string() })),
});

export const clusterShow = defineOperation({
  name: 'cluster.show',
  summary: 'Show the fields of a cluster template.',
  example: 'provisioning cluster show web',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({ template: z.string().describe('Name of the template.').meta({ positional: true }) }),
  output: Shown,
  async run(_ports, input) {
    const found = Object.hasOwn(CLUSTERS, input.template) ? CLUSTERS[input.template] : undefined;
    if (found === undefined) {
      const known = Object.keys(CLUSTERS);
      const meant = nearest(input.template, known);
      const fix = meant === undefined ? {} : { fix: `did you mean ${meant}?` };
      throw new Fault('usage', {
        id: 'CLI-CLUSTER',
        what: `there is no such template; known: ${known.join(', ')}`,
        ...fix,
      });
    }
    const { shape } = found.spec() as z.ZodObject;
    const fields = Object.entries(shape).map(([name, field]) => {
      const type = field as z.ZodType;
      return { name, required: !type.safeParse(undefined).success, description: type.description ?? '' };
    });
    return { name: found.name, summary: found.summary, fields };
  },
  text: ({ name, summary, fields }) =>
    `${name}: ${summary}\n\n${fields.map(field => `  ${field.name.padEnd(20)} ${field.required ? '(required) ' : ''}${field.description}\n`).join('')}`,
});
