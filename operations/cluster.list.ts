import { z } from 'zod';
import { CLUSTERS } from '../clusters/index.ts';
import { defineOperation } from './operation.ts';

export const clusterList = defineOperation({
  name: 'cluster.list',
  summary: 'List the cluster templates.',
  example: 'provisioning cluster list',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({}),
  output: z.array(z.strictObject({ name: z.string(), summary: z.string() })),
  run: () => Promise.resolve(Object.values(CLUSTERS).map(({ name, summary }) => ({ name, summary }))),
  text: templates => templates.map(({ name, summary }) => `${name.padEnd(12)} ${summary}\n`).join(''),
});
