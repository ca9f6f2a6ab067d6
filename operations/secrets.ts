import { resolve } from 'node:path';
import { z } from 'zod';
import type { OpenSecrets, SecretChange } from '../platform/secrets/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { SecretPath } from '../schemas/secret.ts';
import type { Call } from './operation.ts';

/** Flags of every operation on secrets. */
export const FOLDER = {
  directory: z.string().default('.').describe('Folder of the workspace.').meta({ short: 'C' }),
};

/** Flags of those that change files. */
export const CHANGING = {
  ...FOLDER,
  commit: z.boolean().default(false).describe('Commit the changed files, and nothing else.'),
};

/** The secret that is meant. */
export const PATH = {
  path: SecretPath.describe('The secret, for example db/password.').meta({ positional: true }),
};

/** Answer of those that change files. */
export const Changed = z.strictObject({
  files: z.array(z.string()).describe('From the workspace folder.'),
  paths: z.array(z.string()).describe('Secrets whose version is another one now.'),
  commit: z.string().nullable().describe('Null where nothing was committed.'),
});
export type Changed = z.infer<typeof Changed>;

/** The secrets of a folder on disk. Each access is in the audit log before it happens. */
export async function openSecrets(ports: Ports, directory: string, call: Call): Promise<OpenSecrets> {
  const folder = resolve(directory);
  const files = await ports.folders.files(folder);
  return ports.secretStore.open(files, async ({ path, version, purpose }) => {
    const facts = { path, version, purpose };
    await ports.audit.record({
      actor: call.actor,
      operation: 'secret.read',
      permission: 'secret:read',
      target: folder,
      facts,
    });
  });
}

/** Makes a change, and commits it where that was asked for. */
export async function changeSecrets<C extends SecretChange>(
  ports: Ports,
  input: { readonly directory: string; readonly commit: boolean },
  { message, change }: { readonly message: string; readonly change: (folder: string) => Promise<C> },
): Promise<Changed & { readonly change: C }> {
  const folder = resolve(input.directory);
  const change_ = await change(folder);
  const isCommitted = input.commit && change_.files.length > 0;
  const commit = isCommitted ? await (await ports.openVault()).commit(folder, change_.files, message) : null;
  return { files: [...change_.files], paths: [...change_.paths], commit, change: change_ };
}

/** What changed, for people. */
export function changeText({ files, paths, commit }: Changed): string {
  if (files.length === 0) return 'Nothing is different.\n';
  const end = commit === null ? 'not committed' : `committed as ${commit.slice(0, 12)}`;
  const secrets = paths.length === 0 ? '' : `changed: ${paths.join(', ')}\n`;
  return `${secrets}written: ${files.join(', ')} (${end})\n`;
}
