import { Fault } from '../../schemas/fault.ts';
import type { GitHeader, GitObject } from '../../schemas/git.ts';

/** What `cat-file` says of one name: `<oid> <type> <size>`, and for a question about contents the bytes. Nulls for what is not there. */
export interface Reply {
  readonly header: GitHeader | null;
  readonly object: GitObject | null;
}

/** Cuts what a `cat-file` writes into replies, however its pieces arrive. */
export interface Replies {
  add(chunk: Buffer): void;
  /** The next reply; null while it has not arrived as a whole. Throws Fault `integrity` for what is no reply. */
  next(withContents: boolean): Reply | null;
}

const NOTHING: Reply = { header: null, object: null };

export function openReplies(): Replies {
  let bytes: Buffer = Buffer.alloc(0);
  let later: Buffer[] = [];
  let laterBytes = 0;
  /** Nothing can be answered with less than this; it spares putting a large object together with every piece of it. */
  let neededBytes = 1;
  const gather = (): void => {
    if (laterBytes === 0 || bytes.length + laterBytes < neededBytes) return;
    bytes = bytes.length === 0 && later.length === 1 ? (later[0] ?? bytes) : Buffer.concat([bytes, ...later]);
    later = [];
    laterBytes = 0;
  };
  return {
    add(chunk) {
      later.push(chunk);
      laterBytes += chunk.length;
    },
    next(withContents) {
      gather();
      const end = bytes.length < neededBytes ? -1 : bytes.indexOf(0x0a);
      if (end < 0) return null;
      const header = parseHeader(bytes.toString('utf8', 0, end));
      const start = end + 1;
      const sizeBytes = withContents ? (header?.sizeBytes ?? null) : null;
      const restAt = sizeBytes === null ? start : start + sizeBytes + 1;
      if (bytes.length < restAt) {
        neededBytes = restAt;
        return null;
      }
      neededBytes = 1;
      const contents = sizeBytes === null ? null : bytes.subarray(start, start + sizeBytes);
      bytes = bytes.subarray(restAt);
      if (header === null) return NOTHING;
      return { header, object: contents === null ? null : { type: header.type, bytes: contents } };
    },
  };
}

function parseHeader(line: string): GitHeader | null {
  const [oid = '', type = '', size = ''] = line.split(' ');
  if (/^[0-9a-f]{40}$/.test(oid) && isType(type) && /^\d+$/.test(size)) return { oid, type, sizeBytes: Number(size) };
  if (/ (?:missing|ambiguous)$/.test(line)) return null;
  throw unreadable(oid);
}

function isType(text: string): text is GitObject['type'] {
  return text === 'blob' || text === 'tree' || text === 'commit' || text === 'tag';
}

export function unreadable(name: string): Fault {
  return new Fault('integrity', {
    id: 'GIT-OBJECT',
    what: `the repository has no readable object ${name}`,
    fix: 'git fsck in the repository, or clone it again',
  });
}
