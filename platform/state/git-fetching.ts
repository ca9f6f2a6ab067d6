import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha } from '../../schemas/name.ts';
import type { Repository } from './repository.ts';

/** Where a fetch puts the chain. */
export const FETCHED = 'refs/fetched/state';

const QUIETLY = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];

/** Brings the whole chain and its history branches. */
export async function fetchChain({ git, directory, remote, refs, world }: Repository): Promise<void> {
  await git.unlock(directory, world);
  await git.network({
    directory,
    command: 'fetch',
    options: QUIETLY,
    remote,
    refs: [`+${refs.state}:${FETCHED}`, `+${refs.history('*')}:refs/fetched/history/*`],
  });
}

/**
 * Reads the last two commits of the chain in a repository of their own that is removed afterwards, so that the private one
 * never holds half a chain, nor a lock that a killed git left. Null when the branch has gone on in the meantime.
 */
export async function apart<T>(
  { git, remote, refs }: Repository,
  commit: Sha,
  read: (directory: string) => Promise<T>,
): Promise<T | null> {
  // For this user alone, as everything that holds recorded state.
  const folder = await mkdtemp(join(tmpdir(), 'provisioning-'));
  try {
    const directory = join(folder, 'end.git');
    await git.ownBare(directory);
    const options = [...QUIETLY, '--depth=2'];
    await git.network({ directory, command: 'fetch', options, remote, refs: [`+${refs.state}:${FETCHED}`] });
    const [head = null] = await git.headers(directory, [FETCHED]);
    return head?.oid === commit ? await read(directory) : null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
