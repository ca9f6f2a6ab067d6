import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { diskFault } from '../../../schemas/disk.ts';
import { Fault, type Problem } from '../../../schemas/fault.ts';
import { listSecrets, type SecretsListing } from '../../../schemas/sops/listing.ts';
import { SECRETS_FOLDER } from '../../../schemas/sops/place.ts';

/** What lies in the folder of secrets on disk. */
export interface SecretsFolder extends SecretsListing {
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads all files of secrets of a workspace folder. Throws Fault `invalid` with every problem but those that are to be mended. */
export async function readFolder(
  folder: string,
  mends: (problem: Problem) => boolean = () => false,
): Promise<SecretsFolder> {
  const files = new Map<string, Uint8Array>();
  const top = join(folder, SECRETS_FOLDER);
  try {
    for (const entry of await readdir(top, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !entry.name.startsWith('.tmp-')) files.set(relative(folder, path), await readFile(path));
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw diskFault(error, `${SECRETS_FOLDER}/ cannot be read`);
  }
  const listing = listSecrets(files);
  const problems = listing.problems.filter(problem => !mends(problem));
  if (problems.length > 0) throw new Fault('invalid', problems);
  return { ...listing, files };
}

/** Writes files, each in one step: a reader sees the old one or the new one. */
export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const waiting: (readonly [string, string])[] = [];
  try {
    for (const [path, bytes] of files) {
      const whole = join(folder, path);
      await mkdir(dirname(whole), { recursive: true });
      const next = join(dirname(whole), `.tmp-${randomBytes(6).toString('hex')}`);
      waiting.push([next, whole]);
      await writeFile(next, bytes, { flag: 'wx', mode: 0o644 });
    }
    for (const [next, whole] of waiting) await rename(next, whole);
  } catch (error) {
    for (const [next] of waiting) await rm(next, { force: true });
    throw diskFault(error, `${SECRETS_FOLDER}/ cannot be written`);
  }
}
