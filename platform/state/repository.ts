import type { Git } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import type { World } from '../../schemas/world.ts';
import { SETTINGS } from './fast-import.ts';
import type { ChainRefs } from './refs.ts';

export interface RepositoryOptions {
  readonly git: Git;
  readonly world: World;
  /** Private bare repository of this workspace on this machine. It can be removed at any time. */
  readonly directory: string;
  readonly remote: string;
  readonly refs: ChainRefs;
}

/** The private repository, made on first use. */
export interface Repository extends RepositoryOptions {
  /** Commits that are certainly in it. */
  readonly present: Set<Sha>;
  ready(): Promise<void>;
}

export function openRepository(options: RepositoryOptions): Repository {
  let made: Promise<void> | null = null;
  return {
    ...options,
    present: new Set(),
    ready() {
      made ??= options.git.ownBare(options.directory, SETTINGS).catch((error: unknown) => {
        made = null;
        throw error;
      });
      return made;
    },
  };
}
