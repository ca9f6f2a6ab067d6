import { createHash } from 'node:crypto';
import type { Sha } from '../../schemas/name.ts';

/**
 * A folder as Git sees it: names to object ids and folders. It is never changed, only copied where it differs, so that the
 * tree of every checkpoint costs the few folders it touched.
 */
export interface Folder {
  readonly entries: ReadonlyMap<string, Sha | Folder>;
}

export const EMPTY_FOLDER: Folder = { entries: new Map() };

/** Ids of folders that were asked for once. */
const known = new WeakMap<Folder, Sha>();

/** Git's id of a text as a blob. */
export function blobOid(text: string): Sha {
  const bytes = Buffer.from(text);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Git's id of a folder. */
export function folderOid(folder: Folder): Sha {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const rows: { sortable: string; bytes: Buffer }[] = [];
  for (const [name, entry] of folder.entries) {
    const isFile = typeof entry === 'string';
    const oid = isFile ? entry : folderOid(entry);
    const head = Buffer.from(`${isFile ? '100644' : '40000'} ${name}\0`);
    rows.push({ sortable: isFile ? name : `${name}/`, bytes: Buffer.concat([head, Buffer.from(oid, 'hex')]) });
  }
  // Names are plain ASCII (see layout.ts), so code units sort as Git's bytes do.
  rows.sort((a, b) => (a.sortable < b.sortable ? -1 : 1));
  const body = Buffer.concat(rows.map(row => row.bytes));
  const oid = createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex');
  known.set(folder, oid);
  return oid;
}

/** The folder with these files set, or removed where the id is null. Folders without entries vanish, as they do in Git. */
export function changedFolder(folder: Folder, changes: Iterable<readonly [path: string, oid: Sha | null]>): Folder {
  const entries = new Map(folder.entries);
  const below = new Map<string, [string, Sha | null][]>();
  for (const [path, oid] of changes) {
    const slash = path.indexOf('/');
    if (slash >= 0) {
      const name = path.slice(0, slash);
      const list = below.get(name);
      if (list === undefined) below.set(name, [[path.slice(slash + 1), oid]]);
      else list.push([path.slice(slash + 1), oid]);
    } else if (oid === null) entries.delete(path);
    else entries.set(path, oid);
  }
  for (const [name, inner] of below) {
    const former = entries.get(name);
    const changed = changedFolder(former === undefined || typeof former === 'string' ? EMPTY_FOLDER : former, inner);
    if (changed.entries.size === 0) entries.delete(name);
    else entries.set(name, changed);
  }
  return { entries };
}

/** Id of a sub-folder; that of an empty one when it is not there. */
export function subfolderOid(folder: Folder, name: string): Sha {
  const entry = folder.entries.get(name);
  return folderOid(entry === undefined || typeof entry === 'string' ? EMPTY_FOLDER : entry);
}

/** Every file below a folder: path to id. */
export function filesBelow(folder: Folder, prefix = ''): ReadonlyMap<string, Sha> {
  const files = new Map<string, Sha>();
  for (const [name, entry] of folder.entries) {
    if (typeof entry === 'string') files.set(prefix + name, entry);
    else for (const [path, oid] of filesBelow(entry, `${prefix}${name}/`)) files.set(path, oid);
  }
  return files;
}
