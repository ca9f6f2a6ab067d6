import { z } from 'zod';
import { CATEGORIES } from '../schemas/taskserv.ts';
import { defineOperation } from './operation.ts';
import { FOLDER, servicesIn } from './services.ts';

export const taskservList = defineOperation({
  name: 'taskserv.list',
  summary: 'List the task services.',
  example: 'provisioning taskserv list --category databases',
  permission: 'schema:read',
  safe: true,
  input: z.strictObject({
    ...FOLDER,
    category: z.enum(CATEGORIES).optional().describe('Only services of this category.'),
  }),
  output: z.array(
    z.strictObject({
      name: z.string(),
      categories: z.array(z.enum(CATEGORIES)),
      source: z.string(),
      summary: z.string(),
      isOwn: z.boolean(),
    }),
  ),
  async run(ports, { category, directory }) {
    const { services, own } = await servicesIn(ports, directory);
    return Object.values(services)
      .filter(({ categories }) => category === undefined || categories.includes(category))
      .map(({ name, categories, source, summary }) => ({
        name,
        categories: [...categories],
        source,
        summary,
        isOwn: own.has(name),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  },
  text: services =>
    services
      .map(({ name, summary, isOwn }) => `${name.padEnd(16)} ${summary}${isOwn ? ' (of this workspace)' : ''}\n`)
      .join(''),
});
