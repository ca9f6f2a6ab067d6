import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { OpenSecrets, SecretChange } from '../platform/secrets/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { SecretPath } from '../schemas/secret.ts';
import type { Call } from './operation.ts';

/** Flags of every operation on secrets. */
export const FOLDER = {
  directory: z.string().default('.').describe('Folder of the workspace.').meta({ short: 'C' }),
  local: z.boolean().default(false).describe('Those of this machine, which are in no repository.'),
};

/** Where the secrets that are meant lie: in the workspace, or in this machine's own folder, encrypted under its local key. */
export async function folderOf(
  ports: Ports,
  input: { readonly directory: string; readonly local: boolean },
): Promise<string> {
  if (!input.local) return resolve(input.directory);
  const folder = join(ports.home, 'sealed');
  const vault = await ports.openVault();
  const { local } = await vault.keygen();
  await vault.recipients(folder, { add: [`local:${local}`], remove: [] });
  return folder;
}

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
export async function openSecrets(
  ports: Ports,
  input: { readonly directory: string; readonly local: boolean },
  call: Call,
): Promise<OpenSecrets> {
  const folder = await folderOf(ports, input);
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
  input: { readonly directory: string; readonly local: boolean; readonly commit: boolean },
  { message, change }: { readonly message: string; readonly change: (folder: string) => Promise<C> },
): Promise<Changed & { readonly change: C }> {
  const folder = await folderOf(ports, input);
  const made = await change(folder);
  const isCommitted = input.commit && !input.local && made.files.length > 0;
  const commit = isCommitted ? await (await ports.openVault()).commit(folder, made.files, message) : null;
  return { files: [...made.files], paths: [...made.paths], commit, change: made };
}

/** What changed, for people. */
export function changeText({ files, paths, commit }: Changed): string {
  if (files.length === 0) return 'Nothing is different.\n';
  const end = commit === null ? 'not committed' : `committed as ${commit.slice(0, 12)}`;
  const secrets = paths.length === 0 ? '' : `changed: ${paths.join(', ')}\n`;
  return `${secrets}written: ${files.join(', ')} (${end})\n`;
}
