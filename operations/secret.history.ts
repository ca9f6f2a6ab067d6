import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { FOLDER, folderOf, PATH } from './secrets.ts';

const Access = z.strictObject({ at: z.string(), actor: z.string(), purpose: z.string() });

export const secretHistory = defineOperation({
  name: 'secret.history',
  summary: 'Show the versions of a secret, and who opened it on this machine, without opening it.',
  example: 'provisioning secret history db/password',
  permission: 'secret:read',
  safe: true,
  input: z.strictObject({ ...PATH, ...FOLDER }),
  output: z.strictObject({
    path: z.string(),
    versions: z.array(
      z.strictObject({ version: z.string().nullable(), commit: z.string(), at: z.string(), author: z.string() }),
    ),
    accesses: z.array(Access).describe('Newest first, of the last 10,000 records.'),
  }),
  async run(ports, input) {
    const vault = await ports.openVault();
    const versions = input.local ? [] : await vault.history(await folderOf(ports, input), input.path);
    const records = await ports.audit.list({ limit: 10_000 });
    const accesses = records
      .filter(({ operation, facts }) => operation === 'secret.read' && facts['path'] === input.path)
      .map(({ at, actor, facts }) => ({ at, actor, purpose: String(facts['purpose'] ?? '') }));
    return { path: input.path, versions: versions.map(version => ({ ...version })), accesses };
  },
  text({ path, versions, accesses }) {
    const changes = versions.map(
      ({ version, commit, at, author }) =>
        `${at.slice(0, 19)}  ${version ?? 'taken out   '}  ${commit.slice(0, 12)}  ${author}\n`,
    );
    const opened = accesses.map(({ at, actor, purpose }) => `${at.slice(0, 19)}  ${actor}  ${purpose}\n`);
    const none = versions.length === 0 ? `No commit has a secret ${path}.\n` : '';
    return `${none}${changes.join('')}${opened.length === 0 ? '' : `opened:\n${opened.join('')}`}`;
  },
});
