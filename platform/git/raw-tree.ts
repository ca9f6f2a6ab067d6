import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Candidate } from './admission.ts';
import { unreadable } from './objects.ts';

/** Entries of one tree in the order they are stored, exactly as they are: `ls-tree` would show odd modes as plain ones. */
export function parseTree(bytes: Uint8Array, folder: string): readonly Candidate[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Candidate[] = [];
  for (let offset = 0; offset < buffer.length; ) {
    const space = buffer.indexOf(0x20, offset);
    const end = buffer.indexOf(0, space);
    const mode = buffer.toString('latin1', offset, space).padStart(6, '0');
    const oid = buffer.toString('hex', end + 1, end + 21);
    const name = buffer.toString('utf8', space + 1, end);
    entries.push({ mode, type: mode === '040000' ? 'tree' : 'blob', oid, sizeBytes: null, name, path: folder + name });
    offset = end + 21;
  }
  return entries;
}

/** Entries below which the rest is not even listed. */
const MOST_ENTRIES = 2 * LIMITS.files;

/** Everything below the given folders, level by level. Throws Fault `invalid` where there is more than could ever be admitted. */
export async function walkTrees(
  git: Git,
  directory: string,
  folders: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  let level = folders;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= LIMITS.depth) throw tooMuch('WS-DEPTH', `folders are nested deeper than ${LIMITS.depth} levels`);
    const oids = level.map(folder => folder.oid ?? '');
    const trees = await git.objects(directory, oids);
    const below = level.flatMap((folder, index) => {
      const tree = trees[index];
      if (tree?.type !== 'tree') throw unreadable(folder.oid ?? '');
      return parseTree(tree.bytes, `${folder.path}/`);
    });
    found.push(...below);
    if (found.length > MOST_ENTRIES) throw tooMuch('WS-FILES', `the workspace has more than ${LIMITS.files} files`);
    level = below.filter(entry => entry.type === 'tree');
  }
  return found;
}

function tooMuch(id: string, what: string): Fault {
  return new Fault('invalid', { id, what, fix: 'split the workspace, or move what does not belong to it' });
}

/** The same entries with the sizes of their blobs. Throws Fault `integrity` naming the first blob that is missing. */
export async function withSizes(
  git: Git,
  directory: string,
  entries: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const blobs = entries.filter(entry => entry.mode === '100644');
  const oids = blobs.map(entry => entry.oid ?? '');
  const headers = await git.headers(directory, oids);
  const known = new Map<Sha, number | null>(oids.map((oid, index) => [oid, headers[index]?.sizeBytes ?? null]));
  return entries.map(entry => {
    if (entry.mode !== '100644') return entry;
    const sizeBytes = known.get(entry.oid ?? '') ?? null;
    if (sizeBytes === null) throw unreadable(entry.oid ?? '');
    return { ...entry, sizeBytes };
  });
}
