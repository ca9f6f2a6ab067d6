import type { Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import { type Candidate, isWorkspaceFile, pointerRefusals, READ_FOLDERS, refusals } from './admission.ts';
import type { Snapshot } from './port.ts';

/** The workspace files as they are on disk. What a commit would refuse is refused here as well. */
export async function readWorktree(root: string, prefix: string): Promise<Pick<Snapshot, 'files'>> {
  const folder = join(root, prefix);
  const candidates: Candidate[] = [];
  for (const name of (await names(folder)) ?? []) {
    if (isWorkspaceFile(name)) candidates.push(await candidate(folder, name));
    else if (READ_FOLDERS.includes(name)) await walk(folder, name, candidates);
  }
  const problems = refusals(candidates);
  if (problems.length > 0) throw new Fault('invalid', problems);
  const files = new Map<string, Uint8Array>();
  for (const { path, type } of candidates) {
    if (type === 'blob') files.set(path, await readFile(join(folder, path)));
  }
  const pointers = pointerRefusals(files);
  if (pointers.length > 0) throw new Fault('invalid', pointers);
  return { files };
}

async function walk(folder: string, path: string, found: Candidate[]): Promise<void> {
  const entry = await candidate(folder, path);
  found.push(entry);
  if (entry.type !== 'tree') return;
  for (const name of (await names(join(folder, path))) ?? []) await walk(folder, `${path}/${name}`, found);
}

async function names(folder: string): Promise<string[] | null> {
  const found = await readdir(folder).catch(() => null);
  return found === null ? null : found.sort();
}

/** What Git would record for a file on disk. */
async function candidate(folder: string, path: string): Promise<Candidate> {
  const found = await lstat(join(folder, path));
  const sizeBytes = found.isFile() ? found.size : null;
  const type = found.isDirectory() ? 'tree' : 'blob';
  return { mode: modeOf(found), type, oid: null, sizeBytes, name: basename(path), path };
}

function modeOf(found: Stats): string {
  if (found.isDirectory()) return '040000';
  if (found.isSymbolicLink()) return '120000';
  if (!found.isFile()) return 'of a device';
  return (found.mode & 0o111) === 0 ? '100644' : '100755';
}
