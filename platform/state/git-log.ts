import type { CommitLog } from './commit-log.ts';
import { gitReading } from './git-reading.ts';
import { gitWriting } from './git-writing.ts';
import { openRepository, type RepositoryOptions } from './repository.ts';

/** The chain by native git. */
export function gitLog(options: RepositoryOptions): CommitLog {
  const repository = openRepository(options);
  return { ...gitReading(repository), ...gitWriting(repository) };
}
