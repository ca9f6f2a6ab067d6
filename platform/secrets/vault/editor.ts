import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Fault } from '../../../schemas/fault.ts';

/** Memory-backed where there is such a folder, so that nothing reaches a disk. */
const MEMORY = '/dev/shm';

/** Lets a person change a text in their editor; the new text. The file is overwritten and removed whatever happens. */
export async function editText(
  environment: { readonly [name: string]: string | undefined },
  file: { readonly name: string; readonly text: Uint8Array },
): Promise<Uint8Array> {
  const editor = environment['VISUAL'] ?? environment['EDITOR'] ?? 'vi';
  const isMemory = await stat(MEMORY).then(
    found => found.isDirectory(),
    () => false,
  );
  const folder = await mkdtemp(join(isMemory ? MEMORY : tmpdir(), 'secret-'));
  const path = join(folder, basename(file.name));
  try {
    await writeFile(path, file.text, { mode: 0o600, flag: 'wx' });
    const [program = 'vi', ...words] = editor.split(' ').filter(word => word !== '');
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(program, [...words, path], { stdio: 'inherit' });
      child.once('error', reject);
      child.once('close', resolve);
    }).catch(() => -1);
    if (code !== 0)
      throw new Fault('refused', {
        id: 'SEC-EDITOR',
        what: `the editor ${program} did not end well`,
        fix: 'set EDITOR to a program that is there',
      });
    const changed = await readFile(path);
    await writeFile(path, randomBytes(changed.length));
    return changed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
