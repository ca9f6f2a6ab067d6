import { Fault } from '../../schemas/fault.ts';
import type { GitEntry } from '../../schemas/git.ts';

/** Parses `ls-tree -z --long --full-tree`: `<mode> <type> <oid> <size>\t<path>\0`. */
export function parseEntries(stdout: Uint8Array): readonly GitEntry[] {
  const entries: GitEntry[] = [];
  for (const record of Buffer.from(stdout).toString('utf8').split('\0')) {
    if (record === '') continue;
    const tab = record.indexOf('\t');
    const [mode = '', type = '', oid = '', size = '-'] = record.slice(0, tab).split(/ +/);
    if (type !== 'blob' && type !== 'tree' && type !== 'commit') throw unreadable(oid);
    entries.push({ mode, type, oid, sizeBytes: size === '-' ? null : Number(size), path: record.slice(tab + 1) });
  }
  return entries;
}

/** Parses the answer of `cat-file --batch`: `<oid> <type> <size>\n<contents>\n`, or `<name> missing\n`. */
export function parseBlobs(stdout: Uint8Array, names: readonly string[]): readonly (Uint8Array | null)[] {
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const blobs: (Uint8Array | null)[] = [];
  let offset = 0;
  for (const name of names) {
    const end = bytes.indexOf(0x0a, offset);
    const head = bytes.subarray(offset, end).toString('latin1');
    if (end >= 0 && head.endsWith(' missing')) {
      blobs.push(null);
      offset = end + 1;
      continue;
    }
    const [, type, size] = head.split(' ');
    if (end < 0 || type !== 'blob' || size === undefined) throw unreadable(name);
    const start = end + 1;
    blobs.push(bytes.subarray(start, start + Number(size)));
    offset = start + Number(size) + 1;
  }
  return blobs;
}

export function unreadable(name: string): Fault {
  return new Fault('integrity', {
    id: 'GIT-OBJECT',
    what: `the repository has no readable object ${name}`,
    fix: 'git fsck in the repository, or clone it again',
  });
}
