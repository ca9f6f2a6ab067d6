import { lstat, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskFault } from '../../../schemas/disk.ts';
import { Fault } from '../../../schemas/fault.ts';

/** Text of a file with a private key; null when there is none. Throws Fault `denied` when others can read it. */
export async function readKeyFile(path: string): Promise<string | null> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) throw exposed(path, 'is not a regular file', `replace ${path} by the file itself`);
    const user = process.getuid?.();
    if (user !== undefined && found.uid !== user)
      throw exposed(path, 'belongs to another user', `chown ${user} ${path}`);
    if ((found.mode & 0o077) !== 0) {
      const shown = (found.mode & 0o777).toString(8).padStart(4, '0');
      throw exposed(
        path,
        `can be read by others (mode ${shown})`,
        `chmod 600 ${path}, and make a new key if others did read it`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw diskFault(error, `the key file ${path} cannot be read`);
  }
}

function exposed(path: string, what: string, fix: string): Fault {
  return new Fault('denied', { id: 'SEC-KEY-MODE', what: `the key file ${path} ${what}`, fix });
}

/** Writes a new key file that only its owner can read; false when there is one already, which is left as it is. */
export async function writeKeyFile(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw diskFault(error, `the key file ${path} cannot be written`);
  }
}
