import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { World } from '../../schemas/world.ts';

/** Git holds a lock for as long as it writes one small file, so an old one was left by a process that was killed. */
const STALE_MS = 60_000;

/**
 * Removes lock files that a killed git left in a repository of our own. A young one may belong to a living git: that is Fault
 * `locked`, with the file and its age.
 */
export async function settleLocks(root: string, world: World): Promise<void> {
  for (const path of await lockFiles(root)) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    const ageMs = world.clock.now() - found.mtimeMs;
    if (ageMs >= STALE_MS) {
      await rm(path, { force: true });
      continue;
    }
    const file = relative(root, path);
    throw new Fault(
      'locked',
      {
        id: 'GIT-LOCK',
        what: `another git works in our repository: ${file} is ${Math.max(0, Math.round(ageMs / 1_000))} s old`,
        fix: `it is removed when it is older than ${STALE_MS / 1_000} s; try again`,
      },
      { data: { file, ageMs: Math.round(ageMs) } },
    );
  }
}

async function lockFiles(root: string): Promise<readonly string[]> {
  const top = await readdir(root).catch(() => []);
  const refs = await readdir(join(root, 'refs'), { recursive: true }).catch(() => []);
  return [
    ...top.filter(name => name.endsWith('.lock')).map(name => join(root, name)),
    ...refs.filter(name => name.endsWith('.lock')).map(name => join(root, 'refs', name)),
  ];
}
