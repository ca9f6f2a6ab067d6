import { Fault } from '../../schemas/fault.ts';
import type { GitObject } from '../../schemas/git.ts';

/** Parses the answer of `cat-file --batch`: `<oid> <type> <size>\n<contents>\n`, or `<name> missing\n`. */
export function parseObjects(stdout: Uint8Array, names: readonly string[]): readonly (GitObject | null)[] {
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const objects: (GitObject | null)[] = [];
  let offset = 0;
  for (const name of names) {
    const end = bytes.indexOf(0x0a, offset);
    if (end < 0) throw unreadable(name);
    const head = bytes.subarray(offset, end).toString('utf8');
    const found = /^[0-9a-f]{40} (blob|tree|commit|tag) (\d+)$/.exec(head);
    offset = end + 1;
    if (found === null) {
      if (!head.endsWith(' missing')) throw unreadable(name);
      objects.push(null);
      continue;
    }
    const size = Number(found[2]);
    objects.push({ type: found[1] as GitObject['type'], bytes: bytes.subarray(offset, offset + size) });
    offset += size + 1;
  }
  return objects;
}

export function unreadable(name: string): Fault {
  return new Fault('integrity', {
    id: 'GIT-OBJECT',
    what: `the repository has no readable object ${name}`,
    fix: 'git fsck in the repository, or clone it again',
  });
}
