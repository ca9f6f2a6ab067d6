import { git } from './git.ts';
import type { Hub } from './hub.ts';
import type { PullIssue, Repository } from './model.ts';
import { type Json, repositoryUrl } from './shapes.ts';

/** GitHub shows no more files of one pull request. */
const FILES = 3_000;

const STATES: { readonly [letter: string]: string } = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

/** The files that a pull request changes against the commit where it left its base branch. */
export async function changedFiles(hub: Hub, repository: Repository, { pull }: PullIssue): Promise<readonly Json[]> {
  const range = `${pull.baseSha}...${pull.headSha}`;
  const raw = await git(repository.path, 'diff', '-M', '--raw', '--numstat', '--no-abbrev', '-z', range);
  const patches = await patchesOf(repository.path, range);
  const { files, counts } = parted(raw.split('\0').filter(field => field !== ''));
  return files.slice(0, FILES).map(({ letter, blob, name, former }, at) => {
    const { added = 0, deleted = 0 } = counts[at] ?? {};
    const path = name.split('/').map(encodeURIComponent).join('/');
    const patch = patches[at] ?? null;
    return {
      sha: blob,
      filename: name,
      status: STATES[letter] ?? 'changed',
      additions: added,
      deletions: deleted,
      changes: added + deleted,
      blob_url: `${hub.url}/${repository.fullName}/blob/${pull.headSha}/${path}`,
      raw_url: `${hub.url}/${repository.fullName}/raw/${pull.headSha}/${path}`,
      contents_url: `${repositoryUrl(hub, repository)}/contents/${path}?ref=${pull.headSha}`,
      ...(former === null ? {} : { previous_filename: former }),
      ...(patch === null ? {} : { patch }),
    };
  });
}

interface ChangedFile {
  readonly letter: string;
  readonly blob: string;
  readonly name: string;
  readonly former: string | null;
}

/** First come the raw entries, each with one path or two, then the counts, which have an empty name before two paths. */
function parted(fields: readonly string[]): {
  readonly files: readonly ChangedFile[];
  readonly counts: readonly { readonly added: number; readonly deleted: number }[];
} {
  const files: ChangedFile[] = [];
  const counts: { added: number; deleted: number }[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    if (field.startsWith(':')) {
      const [, , before = '', after = '', letters = ''] = field.split(' ');
      const letter = letters.slice(0, 1);
      const former = letter === 'R' || letter === 'C' ? (fields[(at += 1)] ?? '') : null;
      const name = fields[(at += 1)] ?? '';
      files.push({ letter, blob: letter === 'D' ? before : after, name, former });
    } else if (/^(?:\d+|-)\t(?:\d+|-)\t/.test(field)) {
      const [added, deleted] = field.split('\t');
      counts.push({ added: Number(added) || 0, deleted: Number(deleted) || 0 });
    }
  }
  return { files, counts };
}

/** Patches in the order of the files, from the first hunk on; null for what has none, as binary files and pure renames. */
async function patchesOf(path: string, range: string): Promise<readonly (string | null)[]> {
  const text = await git(path, 'diff', '-M', '--no-color', range);
  return text
    .split(/^diff --git .*\n/m)
    .slice(1)
    .map(part => {
      const start = part.search(/^@@ /m);
      return start < 0 ? null : part.slice(start).replace(/\n$/, '');
    });
}
