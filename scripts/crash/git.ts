import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bareEnvironment } from './program.ts';

const execute = promisify(execFile);

const AUTHOR = {
  GIT_AUTHOR_NAME: 'crash',
  GIT_AUTHOR_EMAIL: 'crash@example.com',
  GIT_COMMITTER_NAME: 'crash',
  GIT_COMMITTER_EMAIL: 'crash@example.com',
};

/** Runs git in a folder with nobody's settings and returns what it printed, without the last line end. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('git', ['-C', folder, ...args], {
    env: { ...bareEnvironment(folder), ...AUTHOR },
    maxBuffer: 64 << 20,
  });
  return stdout.trimEnd();
}

/** The commit a ref points to; null when there is none. */
export async function headOf(folder: string, ref: string): Promise<string | null> {
  const found = await git(folder, 'for-each-ref', '--format=%(objectname)', ref);
  return found === '' ? null : found;
}
