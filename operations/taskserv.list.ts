import { z } from 'zod';
import { CATEGORIES } from '../schemas/taskserv.ts';
import { TASKSERVS } from '../taskservs/index.ts';
import { defineOperation } from './operation.ts';

export const taskservList = defineOperation({
  name: 'taskserv.list',
  summary: 'List the task services.',
  example: 'provisioning taskserv list --category databases',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({ category: z.enum(CATEGORIES).optional().describe('Only services of this category.') }),
  output: z.array(
    z.strictObject({
      name: z.string(),
      categories: z.array(z.enum(CATEGORIES)),
      source: z.string(),
      summary: z.string(),
    }),
  ),
  run: (_ports, { category }) =>
    Promise.resolve(
      Object.values(TASKSERVS)
        .filter(({ categories }) => category === undefined || categories.includes(category))
        .map(({ name, categories, source, summary }) => ({ name, categories: [...categories], source, summary })),
    ),
  text: services => services.map(({ name, summary }) => `${name.padEnd(16)} ${summary}\n`).join(''),
});
