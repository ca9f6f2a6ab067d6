import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskFault } from '../../schemas/disk.ts';
import { Fault } from '../../schemas/fault.ts';

/**
 * Writes new files below a folder, and makes the folder. Nothing that exists is touched: when one of the files is there
 * already, none is written and Fault `refused` names them all.
 */
export function writeNew(directory: string, files: { readonly [path: string]: string }): void {
  const there = Object.keys(files).filter(path => exists(join(directory, path)));
  if (there.length > 0) {
    throw new Fault(
      'refused',
      there.map(path => ({
        id: 'CLI-EXISTS',
        what: `${join(directory, path)} exists already`,
        fix: 'choose another folder with -C',
      })),
    );
  }
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text, { flag: 'wx' });
    }
  } catch (error) {
    throw diskFault(error, `the files cannot be written into ${directory}`);
  }
}

/** Which of these paths are not there below a folder. */
export function absent(directory: string, paths: readonly string[]): string[] {
  return paths.filter(path => !exists(join(directory, path)));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes the folder a Git repository with the branch `main`, unless it is inside one. True when it made one. */
export function ensureRepository(directory: string): boolean {
  if (git(directory, ['rev-parse', '--is-inside-work-tree'])) return false;
  if (git(directory, ['init', '--quiet', '--initial-branch=main'])) return true;
  throw new Fault(
    'unavailable',
    { id: 'GIT-INIT', what: `git cannot make a repository in ${directory}`, fix: 'provisioning doctor' },
    { nothingChanged: false },
  );
}

/** Variables such as GIT_DIR, set inside a hook, would point git at another repository. */
function git(directory: string, args: readonly string[]): boolean {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return spawnSync('git', args, { cwd: directory, env, stdio: 'ignore', timeout: 30_000 }).status === 0;
}
