import { open } from 'node:fs/promises';
import { Fault } from '../../schemas/fault.ts';
import { showText } from '../../schemas/problem.ts';

/** The text of a regular file of at most `mostBytes`. Throws Fault `usage` when there is none, or it is larger. */
export async function readText(path: string, mostBytes: number): Promise<string> {
  const refuse = (what: string): never => {
    throw new Fault('usage', { id: 'CLI-FILE', what: `${showText(path)} ${what}`, fix: 'name another file' });
  };
  const file = await open(path, 'r').catch(() => refuse('cannot be read'));
  try {
    const { size } = await file.stat().then(found => (found.isFile() ? found : refuse('is not a file')));
    if (size > mostBytes) refuse(`has ${size} bytes; the limit is ${mostBytes}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
