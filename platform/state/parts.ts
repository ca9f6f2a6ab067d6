import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { World } from '../../schemas/world.ts';
import type { CommitLog } from './commit-log.ts';
import type { Loaded } from './loaded.ts';
import type { ChainRefs } from './refs.ts';
import type { Processes, StateDisk } from './state-disk.ts';

/** Durations in milliseconds. */
export interface StateTiming {
  /** A lease that was not renewed for so long may be taken by another one. */
  readonly ttlMs: number;
  /** Longest call to a provider: a successor waits for it, beyond the lease. */
  readonly callMs: number;
  /** Checkpoints that nobody waits for are committed together, at most so late. */
  readonly groupMs: number;
  /** Pause between two looks at the remote while waiting for a writer, and while being one. */
  readonly pollMs: number;
  /** First pause after a push that failed; it doubles with each further one. */
  readonly retryMs: number;
}

export const STATE_TIMING: StateTiming = { ttlMs: 30_000, callMs: 10_000, groupMs: 400, pollMs: 2_000, retryMs: 250 };

/** The lease as this process saw it last, and since when it is unchanged, in monotonic milliseconds. */
export interface LeaseWatch {
  value: string | null;
  since: number;
}

/** What the chain of one workspace stands on. */
export interface ChainParts {
  readonly workspace: WorkspaceKey;
  readonly world: World;
  readonly log: CommitLog;
  readonly disk: StateDisk;
  readonly processes: Processes;
  readonly timing: StateTiming;
  readonly refs: ChainRefs;
  readonly watch: LeaseWatch;
  /** The head that was read last, kept so that an unchanged chain costs one look. */
  readonly cache: { loaded: Loaded | null };
  /** Whether somebody asked the writer to hold, from the last look. */
  readonly wish: { held: boolean };
  /** Epoch of this process's open writer, so that it need not wait for itself once there is none. */
  readonly own: { epoch: number | null };
}

/** What one process knows of a chain beyond one opening of it. */
export type Known = Pick<ChainParts, 'watch' | 'cache' | 'wish' | 'own'>;

export function nothingKnown(): Known {
  return {
    watch: { value: null, since: 0 },
    cache: { loaded: null },
    wish: { held: false },
    own: { epoch: null },
  };
}

/** The value of one ref on the remote. */
export async function lookAt(parts: ChainParts, ref: string): Promise<Sha | null> {
  return (await parts.log.look([ref])).get(ref) ?? null;
}
