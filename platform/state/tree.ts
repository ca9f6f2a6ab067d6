import { hash } from 'node:crypto';
import { EMPTY_TREE } from '../../schemas/checkpoint.ts';
import type { Sha } from '../../schemas/name.ts';

interface Row {
  readonly name: string;
  readonly entry: Sha | Folder;
  /** Git sorts folders as if their names ended with a slash. */
  readonly sortable: string;
  /** The row as it stands in Git's tree, one character for each byte; null for a folder, whose id is made when it is asked for. */
  readonly bytes: string | null;
}

/**
 * A folder as Git sees it: names to object ids and folders. It is never changed, only copied where it differs, so that the
 * tree of every checkpoint costs the few folders it touched. Names are plain ASCII (see layout.ts).
 */
export interface Folder {
  /** In Git's order. */
  readonly rows: readonly Row[];
}

export const EMPTY_FOLDER: Folder = { rows: [] };

/** Ids of folders that were asked for once, one character for each byte. */
const known = new WeakMap<Folder, string>([[EMPTY_FOLDER, bytesOf(EMPTY_TREE)]]);

/** Git's id of a text as a blob. */
export function blobOid(text: string): Sha {
  return hash('sha1', `blob ${Buffer.byteLength(text)}\0${text}`, 'hex');
}

/** Git's id of a folder. */
export function folderOid(folder: Folder): Sha {
  return Buffer.from(folderBytes(folder), 'latin1').toString('hex');
}

function folderBytes(folder: Folder): string {
  const before = known.get(folder);
  if (before !== undefined) return before;
  let body = '';
  for (const { name, entry, bytes } of folder.rows) {
    body += bytes ?? `40000 ${name}\0${typeof entry === 'string' ? bytesOf(entry) : folderBytes(entry)}`;
  }
  const id = hash('sha1', Buffer.from(`tree ${body.length}\0${body}`, 'latin1'), 'binary');
  known.set(folder, id);
  return id;
}

function bytesOf(oid: Sha): string {
  return Buffer.from(oid, 'hex').toString('latin1');
}

/** The folder with these files set, or removed where the id is null. Folders without entries vanish, as they do in Git. */
export function changedFolder(folder: Folder, changes: Iterable<readonly [path: string, oid: Sha | null]>): Folder {
  const rows = [...folder.rows];
  const below = new Map<string, [string, Sha | null][]>();
  for (const [path, oid] of changes) {
    const slash = path.indexOf('/');
    if (slash < 0) put(rows, path, oid);
    else {
      const name = path.slice(0, slash);
      const inner = below.get(name);
      if (inner === undefined) below.set(name, [[path.slice(slash + 1), oid]]);
      else inner.push([path.slice(slash + 1), oid]);
    }
  }
  for (const [name, inner] of below) {
    const changed = changedFolder(subfolder(folder, name), inner);
    put(rows, name, changed.rows.length === 0 ? null : changed);
  }
  return { rows };
}

/** Sets or removes one entry, whatever had its name before. */
function put(rows: Row[], name: string, entry: Sha | Folder | null): void {
  for (const sortable of [name, `${name}/`]) {
    const at = placeOf(rows, sortable);
    if (rows[at]?.sortable === sortable) rows.splice(at, 1);
  }
  if (entry === null) return;
  const isFile = typeof entry === 'string';
  const sortable = isFile ? name : `${name}/`;
  const bytes = isFile ? `100644 ${name}\0${bytesOf(entry)}` : null;
  rows.splice(placeOf(rows, sortable), 0, { name, entry, sortable, bytes });
}

/** Where a row stands, or would have to. */
function placeOf(rows: readonly Row[], sortable: string): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.sortable ?? '') < sortable) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A folder in a folder; an empty one when it is not there. */
export function subfolder(folder: Folder, name: string): Folder {
  const row = folder.rows[placeOf(folder.rows, `${name}/`)];
  return row?.name === name && typeof row.entry !== 'string' ? row.entry : EMPTY_FOLDER;
}

/** Every file below a folder: path to id. */
export function filesBelow(folder: Folder, prefix = ''): ReadonlyMap<string, Sha> {
  const files = new Map<string, Sha>();
  for (const { name, entry } of folder.rows) {
    if (typeof entry === 'string') files.set(prefix + name, entry);
    else for (const [path, oid] of filesBelow(entry, `${prefix}${name}/`)) files.set(path, oid);
  }
  return files;
}
