import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { FOLDER, openSecrets } from './secrets.ts';

export const secretList = defineOperation({
  name: 'secret.list',
  summary: 'List the secrets of a workspace with their versions, without opening any.',
  example: 'provisioning secret list',
  permission: 'secret:read',
  safe: true,
  input: z.strictObject(FOLDER),
  output: z.strictObject({
    secrets: z.array(z.strictObject({ path: z.string(), version: z.string(), file: z.string(), line: z.int() })),
  }),
  async run(ports, input, call) {
    const { entries } = await openSecrets(ports, input, call);
    return { secrets: entries.map(entry => ({ ...entry })) };
  },
  text({ secrets }) {
    if (secrets.length === 0) return 'There are no secrets.\n';
    const width = Math.max(...secrets.map(({ path }) => path.length));
    return secrets
      .map(({ path, version, file, line }) => `${path.padEnd(width)}  ${version}  ${file}:${line}\n`)
      .join('');
  },
});
