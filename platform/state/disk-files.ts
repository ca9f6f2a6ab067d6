import { writeSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { StateDisk } from './state-disk.ts';

/** Looks at one workspace may go on side by side in a process, each with its own files below: no two may write one fresh file. */
let writes = 0;

/** Files below one folder. Whoever may read them may read recorded state, so they are for this user only. */
export function diskFiles(directory: string): StateDisk {
  const at = (name: string): string => join(directory, name);
  let isMade = false;
  const make = async (): Promise<void> => {
    if (!isMade) await mkdir(directory, { recursive: true, mode: 0o700 });
    isMade = true;
  };
  return {
    read: name =>
      guarded(async () => {
        const text = await readFile(at(name), 'utf8').catch(absent);
        return text;
      }),
    replace: (name, text, options) =>
      guarded(async () => {
        await make();
        const fresh = at(`${name}.${process.pid}.${++writes}.new`);
        await writeWhole(fresh, text, options?.cache !== true);
        await rename(fresh, at(name));
        if (options?.cache !== true) await syncFolder(directory);
      }),
    remove: name => guarded(() => rm(at(name), { force: true })),
    list: () =>
      guarded(async () => {
        const names = await readdir(directory).catch(absent);
        return (names ?? []).sort();
      }),
    setAside: name =>
      guarded(async () => {
        await mkdir(at('set-aside'), { recursive: true, mode: 0o700 });
        await rename(at(name), join(at('set-aside'), name));
      }),
    journal: name =>
      guarded(async () => {
        await make();
        const file = await open(at(name), 'w', 0o600);
        await syncFolder(directory);
        return {
          append: text => guarded(async () => writeAll(file.fd, Buffer.from(text))),
          sync: () => guarded(() => file.datasync()),
          close: () => guarded(() => file.close()),
        };
      }),
  };
}

/** Hands bytes to the system at once: that takes microseconds, where a way through the thread pool would cost more than the wait for the disk. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
}

async function writeWhole(path: string, text: string, isDurable: boolean): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    if (isDurable) await file.datasync();
  } finally {
    await file.close();
  }
}

/** A new name in a folder survives a loss of power only after the folder itself was synchronised. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

const REASONS: { readonly [code: string]: string } = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  EROFS: 'the disk is read-only',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOENT: 'the folder was removed',
};

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    throw new Fault('unavailable', {
      id: 'ST-DISK',
      what: `the files of this machine cannot be used: ${REASONS[code] ?? code}`,
      fix: 'mend the disk; what was not recorded is looked up by the next run',
    });
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
