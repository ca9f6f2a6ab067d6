import { mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { diskFault } from '../../schemas/disk.ts';
import { Fault } from '../../schemas/fault.ts';

type Environment = { readonly [name: string]: string | undefined };

/**
 * Folder of this machine's own files: mirrors, journals, kept plans, audit log. `PROVISIONING_HOME`, else below
 * `XDG_STATE_HOME`, else below the user's home. Throws Fault `unavailable` when none of them is set.
 */
export function homeDirectory(environment: Environment): string {
  const own = environment['PROVISIONING_HOME'];
  if (own !== undefined && own !== '') return absolute(own, 'PROVISIONING_HOME');
  const state = environment['XDG_STATE_HOME'];
  // The XDG specification says that a relative path is invalid and ignored.
  if (state !== undefined && isAbsolute(state)) return join(state, 'provisioning');
  const user = environment['HOME'] ?? environment['USERPROFILE'];
  if (user !== undefined && user !== '') return join(absolute(user, 'HOME'), '.local', 'state', 'provisioning');
  throw new Fault('unavailable', {
    id: 'CLI-HOME',
    what: 'there is no folder for local files: HOME is not set',
    fix: 'set PROVISIONING_HOME to a folder that only you can write',
  });
}

function absolute(path: string, variable: string): string {
  if (isAbsolute(path)) return path;
  throw new Fault('usage', { id: 'CLI-HOME', what: `${variable} must be an absolute path` });
}

/** Makes the folder if need be. Throws Fault `unavailable` when it cannot be used, `denied` when others could write into it. */
export function openHome(environment: Environment): string {
  const directory = homeDirectory(environment);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskFault(error, `the folder for local files, ${directory}, cannot be made`);
  }
  checkPrivate(directory);
  return directory;
}

/** Refuses a path that somebody else could change: what stands there decides what this program does. */
export function checkPrivate(path: string): void {
  const { mode, uid } = statSync(path);
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  const user = process.getuid?.();
  if (user === undefined) return;
  if (uid !== user && uid !== 0) {
    throw new Fault('denied', {
      id: 'CLI-HOME-MODE',
      what: `${path} belongs to another user`,
      fix: 'set PROVISIONING_HOME to a folder of your own',
    });
  }
  if ((mode & 0o022) !== 0) {
    throw new Fault('denied', {
      id: 'CLI-HOME-MODE',
      what: `${path} can be written by others (mode ${shown})`,
      fix: `chmod go-w ${path}`,
    });
  }
}
