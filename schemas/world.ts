import type { Failpoint } from './failpoint.ts';

/** Time as the program sees it. The simulator replaces it, so nothing below the doors may ask the machine directly. */
export interface Clock {
  /** Wall time in milliseconds since 1970. For records and tokens, never for measuring. */
  now(): number;
  /** Milliseconds that never go back and go on while the process is paused. For leases, deadlines and grace periods. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Everything a run takes from outside besides its ports: time, randomness, and the named places where tests may stop it. */
export interface World {
  readonly clock: Clock;
  /** `count` random bytes as lower-case hexadecimal, from a cryptographic source. */
  randomHex(count: number): string;
  /** Marks that a named point was reached. Does nothing in production; in tests it kills, pauses, delays or fails the program there. */
  reach(point: Failpoint): Promise<void>;
}

/** Sortable identifier: 10 characters of milliseconds and 16 of randomness, in lower-case hexadecimal letters `0-9a-f`. */
export function newId(world: World): string {
  return world.clock.now().toString(16).padStart(12, '0') + world.randomHex(8);
}
