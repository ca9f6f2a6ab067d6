import type { Problem } from '../../schemas/fault.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { Sha } from '../../schemas/name.ts';

/** One file or folder that wants to be read: from a tree, or from disk with `oid` null. */
export interface Candidate {
  /** Six octal digits: `100644` is a regular file, `040000` a folder. */
  readonly mode: string;
  readonly type: 'blob' | 'tree';
  readonly oid: Sha | null;
  /** Null for what is no regular file. */
  readonly sizeBytes: number | null;
  /** As it stands in its folder, whatever is in it. */
  readonly name: string;
  /** From the workspace folder. */
  readonly path: string;
}

const WORKSPACE_FILE = /^workspace\.(?:yaml|yml|toml|json)$/;

export function isWorkspaceFile(name: string): boolean {
  return WORKSPACE_FILE.test(name);
}

/** Folders of a workspace that are read, all the way down. */
export const READ_FOLDERS: readonly string[] = ['infra', 'clusters', 'taskservs', 'config', 'secrets'];

/** Characters that some file systems ignore in names, so that `.g<joiner>it` is `.git` there. */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Everything that forbids reading these entries, which are in the order the tree stores them. */
export function refusals(entries: readonly Candidate[]): readonly Problem[] {
  const problems: Problem[] = [];
  const last = new Map<string, string>();
  for (const entry of entries) {
    const why = nameRefusal(entry.name) ?? orderRefusal(entry, last) ?? modeRefusal(entry);
    if (why !== null) problems.push(problem(entry, why));
  }
  return [...problems, ...limitRefusals(entries)].slice(0, LIMITS.problemsPerFile);
}

function problem(entry: Candidate, why: { readonly id: string; readonly what: string }): Problem {
  const object = entry.oid === null ? '' : ` (object ${entry.oid})`;
  return {
    id: why.id,
    at: { file: entry.path, line: 1, column: 1 },
    what: `${JSON.stringify(entry.path)}${object} ${why.what}`,
    fix: 'remove it from the workspace folder',
  };
}

function nameRefusal(name: string): { id: string; what: string } | null {
  const plain = name.replaceAll(IGNORED, '').toLowerCase();
  const isSpecial = ['', '.', '..', '.git'].includes(plain) || /^git~\d+$/.test(plain);
  return isSpecial || /[\\/\ufffd]/.test(name) || /\p{Cc}/u.test(name)
    ? { id: 'GIT-NAME', what: 'has a name that is not allowed' }
    : null;
}

/** A reviewer may see the first of two equal entries and a program use the second, so a tree must be strictly sorted as git sorts it. */
function orderRefusal(entry: Candidate, last: Map<string, string>): { id: string; what: string } | null {
  if (entry.oid === null) return null;
  const { name } = entry;
  const folder = entry.path.slice(0, entry.path.length - name.length);
  const sortable = Buffer.from(entry.type === 'tree' ? `${name}/` : name);
  const before = last.get(folder);
  last.set(folder, sortable.toString('latin1'));
  if (before === undefined) return null;
  const order = Buffer.compare(Buffer.from(before, 'latin1'), sortable);
  if (order === 0 || before.replace(/\/$/, '') === sortable.toString('latin1').replace(/\/$/, '')) {
    return { id: 'GIT-DUPLICATE', what: 'stands twice in its folder' };
  }
  return order < 0 ? null : { id: 'GIT-ORDER', what: 'is out of order in its folder' };
}

const MODES: { readonly [mode: string]: string } = {
  '120000': 'a symbolic link',
  '160000': 'a submodule',
  '100755': 'an executable file',
};

function modeRefusal({ mode, type }: Candidate): { id: string; what: string } | null {
  if ((type === 'tree' && mode === '040000') || (type === 'blob' && mode === '100644')) return null;
  const known = MODES[mode];
  const is = known === undefined ? `has the mode ${mode}` : `is ${known} (mode ${mode})`;
  return { id: 'GIT-MODE', what: `${is}; a workspace may contain regular files only` };
}

function limitRefusals(entries: readonly Candidate[]): readonly Problem[] {
  const files = entries.filter(entry => entry.type === 'blob');
  const problems: Problem[] = files
    .filter(file => (file.sizeBytes ?? 0) > LIMITS.fileBytes)
    .map(file => ({
      id: 'WS-FILE-SIZE',
      at: { file: file.path, line: 1, column: 1 },
      what: `${file.path} has ${file.sizeBytes} bytes; a file may have ${LIMITS.fileBytes}`,
      fix: 'split it',
    }));
  const totalBytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
  if (files.length > LIMITS.files) {
    problems.push({ id: 'WS-FILES', what: `the workspace has ${files.length} files; it may have ${LIMITS.files}` });
  }
  if (totalBytes > LIMITS.treeBytes) {
    problems.push({
      id: 'WS-TREE-SIZE',
      what: `the workspace has ${totalBytes} bytes; it may have ${LIMITS.treeBytes}`,
    });
  }
  return problems;
}

const LFS = Buffer.from('version https://git-lfs.github.com/spec/');

/** A pointer of Git LFS stands in for content that is elsewhere; a workspace is only what its commit holds. */
export function pointerRefusals(files: ReadonlyMap<string, Uint8Array>): readonly Problem[] {
  return [...files]
    .filter(([, bytes]) => LFS.equals(bytes.subarray(0, LFS.length)))
    .map(([path]) => ({
      id: 'GIT-LFS',
      at: { file: path, line: 1, column: 1 },
      what: `${path} is a Git LFS pointer; a workspace may contain regular files only`,
      fix: 'commit the file itself',
    }));
}
