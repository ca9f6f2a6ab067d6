import { execFile } from 'node:child_process';
import { relative } from 'node:path/posix';
import { Fault } from '../../../schemas/fault.ts';
import type { Git } from '../../../schemas/git.ts';
import { entriesOf, readSealed } from '../../../schemas/sops/listing.ts';
import { secretsFile } from '../../../schemas/sops/place.ts';
import type { SecretPath } from '../../../schemas/secret.ts';
import type { SecretVersionEntry } from '../port.ts';

/** How far back a history is read, in commits of one file. */
const COMMITS = '200';

/** Versions of one secret in the history of its file, newest first. */
export async function versionsIn(
  git: Git,
  at: { readonly folder: string; readonly file: string },
  path: SecretPath,
): Promise<readonly SecretVersionEntry[]> {
  const { folder, file } = at;
  const top = await git.text(['rev-parse', '--show-toplevel'], { directory: folder });
  const format = '--format=%H%x09%cI%x09%an';
  const log = await git.run(['log', '-n', COMMITS, format, '--', `:(literal)${file}`], { directory: folder });
  const text = log.status === 0 ? Buffer.from(log.stdout).toString('utf8').trim() : '';
  const commits = text === '' ? [] : text.split('\n').map(line => line.split('\t') as [string, string, string]);
  const prefix = relative(top, `${folder}/${file}`);
  const blobs = await git.objects(
    folder,
    commits.map(([commit]) => `${commit}:${prefix}`),
  );
  const found: SecretVersionEntry[] = [];
  for (const [index, [commit, when, author]] of commits.entries()) {
    const version = versionIn(file, blobs[index]?.bytes, path);
    // Of commits in a row with one version, the oldest is where it came from.
    if (found.length > 0 && found.at(-1)?.version === version) found.pop();
    found.push({ version, commit, at: when, author });
  }
  return found.at(-1)?.version === null ? found.slice(0, -1) : found;
}

function versionIn(file: string, bytes: Uint8Array | undefined, path: SecretPath): string | null {
  if (bytes === undefined || secretsFile(file) === null) return null;
  const read = readSealed(file, bytes, undefined);
  return 'reading' in read ? (entriesOf(read).find(entry => entry.path === path)?.version ?? null) : null;
}

/** Commits some files as the person whose machine this is; the id of the commit. */
export async function commitFiles(folder: string, files: readonly string[], message: string): Promise<string> {
  const paths = files.map(file => `:(literal)${file}`);
  await own(folder, ['add', '--', ...paths]);
  await own(folder, ['commit', '--quiet', '--message', message, '--', ...paths]);
  return (await own(folder, ['rev-parse', 'HEAD'])).trim();
}

/** Git with the settings of this person: a commit carries their name, and their hooks look at it. */
function own(folder: string, args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GIT_(?!AUTHOR|COMMITTER)/.test(name)),
  );
  return new Promise((resolve, reject) => {
    execFile('git', args, { cwd: folder, env, timeout: 60_000 }, (error, stdout) => {
      if (error === null) return resolve(stdout);
      const what = 'the files are written, and git did not commit them';
      reject(
        new Fault(
          'unavailable',
          { id: 'SEC-COMMIT', what, fix: 'git status, then commit them yourself' },
          { nothingChanged: false },
        ),
      );
    });
  });
}
