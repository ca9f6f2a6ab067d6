import type { Recorded } from '../../schemas/checkpoint.ts';
import type { Sha, Sha256 } from '../../schemas/name.ts';

/** Recorded state at one head, and what it takes to go on from there. */
export interface Loaded {
  readonly recorded: Recorded;
  readonly plans: readonly Sha256[];
  readonly checksum: string;
  /** Ids of the files that recorded state does not hold itself. */
  readonly oids: ReadonlyMap<string, Sha>;
}
