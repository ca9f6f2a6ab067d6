import type { ProfileName } from '../../platform/demo-cloud/settings.ts';
import { seeded } from '../../platform/demo-cloud/random.ts';

/** What every part of the proof is told. */
export interface Proof {
  readonly quick: boolean;
  readonly seed: number;
  /** Only these, where given. */
  readonly only: {
    readonly shape: string | null;
    readonly profile: string | null;
    readonly point: string | null;
    readonly nth: number | null;
    /** Point of a second kill, while it recovers. */
    readonly second: string | null;
  };
  /** Only every so manieth case of the matrix, to spread it over machines: the first of eight is 1 of 8. */
  readonly share: { readonly number: number; readonly of: number };
  /** Cases that run at once. */
  readonly workers: number;
  readonly keep: boolean;
  readonly say: (line: string) => void;
}

export const PROFILES: readonly ProfileName[] = ['hetzner', 'ec2', 'upcloud'];

/** A generator of its own for each case, so that one case can be run again alone. */
export function randomOf(seed: number): () => number {
  return seeded(seed);
}

export function pick<T>(values: readonly T[], random: () => number): T {
  const found = values[Math.floor(random() * values.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

/** A number that belongs to a text, for seeds. */
export function hashed(text: string): number {
  let hash = 2_166_136_261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}

/** Runs work on every item, a few at a time, in order of start. */
export async function each<T>(items: readonly T[], workers: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const next = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, next));
}
