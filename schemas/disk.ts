import { Fault } from './fault.ts';

const REASONS: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EIO: 'the disk failed',
  EMFILE: 'too many files are open',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file stands where a folder belongs',
  EISDIR: 'a folder stands where a file belongs',
  ENAMETOOLONG: 'the path is too long',
  ENOENT: 'a part of the path is missing',
};

/** A failure of the local disk as Fault `unavailable`; anything else is a defect and is returned as it is. */
export function diskFault(error: unknown, what: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code];
  if (why === undefined) return error;
  const fix = 'make the folder usable, or set PROVISIONING_HOME to another one';
  return new Fault('unavailable', { id: 'CLI-DISK', what, why, fix }, { cause: error });
}
