import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment } from '../crash/program.ts';

/** Bare repositories and clones below a folder. */
export function repositoriesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('objects') && names.has('HEAD')) return [folder];
  return entries.flatMap(entry => (entry.isDirectory() ? repositoriesIn(join(folder, entry.name)) : []));
}

/** What people wrote themselves, such as a password in plain text: their own objects are no output of ours. */
export async function objectsOf(repository: string, branches: readonly string[]): Promise<ReadonlySet<string>> {
  if (branches.length === 0) return new Set();
  const listed = await answered(repository, ['rev-list', '--objects', ...branches]);
  return new Set(
    listed
      .toString()
      .split('\n')
      .map(line => line.slice(0, 40)),
  );
}

/** The contents of all objects of a repository, also of those that nothing leads to any more. */
export async function unpacked(repository: string, without: ReadonlySet<string>): Promise<Buffer> {
  const listed = await answered(repository, [
    'cat-file',
    '--batch-all-objects',
    '--unordered',
    '--batch-check=%(objectname)',
  ]);
  const ids = listed
    .toString()
    .split('\n')
    .filter(id => id !== '' && !without.has(id));
  return answered(repository, ['cat-file', '--batch', '--buffer'], `${ids.join('\n')}\n`);
}

function answered(repository: string, args: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', repository, ...args], {
      env: bareEnvironment(repository),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.once('error', reject);
    child.once('close', code =>
      code === 0 ? resolve(Buffer.concat(parts)) : reject(new Error(`git ${args[0]} ended with ${code}`)),
    );
    // Git may have ended before it read everything, and then says itself why.
    child.stdin.on('error', () => {}).end(input);
  });
}
