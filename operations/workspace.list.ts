import { resolve } from 'node:path';
import { z } from 'zod';
import { discover } from '../reconciler/discover.ts';
import { defineOperation } from './operation.ts';

export const workspaceList = defineOperation({
  name: 'workspace.list',
  summary: 'List the workspaces of a repository, with their environments.',
  example: 'provisioning workspace list',
  permission: 'workspace:read',
  safe: true,
  input: z.strictObject({
    directory: z.string().default('.').describe('A folder inside the clone.').meta({ short: 'C' }),
  }),
  output: z.strictObject({ workspaces: z.array(z.strictObject({ folder: z.string(), env: z.string().nullable() })) }),
  async run(ports, input) {
    const source = await ports.openLocal(resolve(input.directory));
    const commit = await source.resolve('HEAD');
    const targets = await discover(
      source,
      { commit, stateRemote: source.url, follow: false },
      { workspaces: [], env: null },
    );
    return {
      workspaces: targets.map(target => ({ folder: target.prefix === '' ? '.' : target.prefix, env: target.env })),
    };
  },
  text: ({ workspaces }) =>
    `${workspaces.map(({ folder, env }) => (env === null ? folder : `${folder}  --env ${env}`)).join('\n')}\n`,
});
