import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { Fault } from '../../schemas/fault.ts';
import type { World } from '../../schemas/world.ts';

/** Longest time to wait for the others; each holds the lock for one write. */
const WAIT_MS = 10_000;
const STEP_MS = 5;

/** Does `work` while no other process of this machine does. The lock of a process that died is taken over. */
export async function withLock<T>(path: string, world: World, work: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${world.randomHex(8)}`;
  const until = world.clock.monotonic() + WAIT_MS;
  while (!(await claim(path, mine))) {
    const holder = await readFile(path, 'utf8').catch(() => null);
    if (holder !== null && isDead(holder)) {
      await takeAway(path, holder, world);
      continue;
    }
    if (world.clock.monotonic() > until) {
      throw new Fault('locked', {
        id: 'ST-AUDIT-LOCK',
        what: `process ${(holder ?? '').split(' ')[0] ?? ''} holds the audit log`,
        fix: `wait for it; if it is no process of this program, remove ${path}`,
      });
    }
    await world.clock.sleep(STEP_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** The lock appears with its contents in one step, so nobody ever reads an empty one. */
async function claim(path: string, mine: string): Promise<boolean> {
  const draft = `${path}.${mine.replace(' ', '-')}`;
  const file = await open(draft, 'wx', 0o600);
  await file.writeFile(mine);
  await file.close();
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isDead(holder: string): boolean {
  const pid = Number(holder.split(' ')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Removes the dead holder's lock, and only that: when another process was quicker, its lock is put back. */
async function takeAway(path: string, holder: string, world: World): Promise<void> {
  const aside = `${path}.dead-${world.randomHex(8)}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}
