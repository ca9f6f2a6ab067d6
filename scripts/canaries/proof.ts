import { canaries, type Canary } from './canary.ts';
import { type Control, controls } from './controls.ts';
import { scanner } from './needles.ts';
import { PATHS } from './paths.ts';
import { watchProcesses } from './processes.ts';
import { openSite } from './site.ts';
import { lookEverywhere, type Looked } from './sinks.ts';

/** One path and what every sink held after it. */
export interface Walked {
  readonly path: string;
  readonly tookMs: number;
  readonly looked: readonly Looked[];
}

export interface Proof {
  readonly walked: readonly Walked[];
  readonly controls: readonly Control[];
}

export interface ProofOptions {
  /** Canaries that one run carries at once. */
  readonly count: number;
  /** Names of paths; all of them unless said. */
  readonly only?: readonly string[];
  readonly keep?: boolean;
  say(line: string): void;
}

/** Walks every path with new canaries, and looks for those of all paths so far in every sink after each. */
export async function prove({ count, only, keep = false, say }: ProofOptions): Promise<Proof> {
  const watch = watchProcesses();
  const site = await openSite(keep);
  try {
    const all: Canary[] = [];
    let values: readonly Canary[] = [];
    const walked: Walked[] = [];
    const paths = PATHS.filter(({ name }) => only?.includes(name) !== false);
    for (const [round, path] of paths.entries()) {
      if (path.goesOn !== true) all.push(...(values = canaries(count, round + 1)));
      const began = performance.now();
      await path.walk(site, values);
      const looked = await lookEverywhere(site, watch, scanner(all));
      const tookMs = performance.now() - began;
      walked.push({ path: path.name, tookMs, looked });
      const hits = looked.flatMap(({ sink, found }) => found.map(name => `${name} in ${sink}`));
      say(`${path.name}: ${hits.length} hits ${hits.slice(0, 5).join(', ')}`);
    }
    return { walked, controls: await controls(site, watch) };
  } finally {
    watch.end();
    if (keep) say(`kept: ${site.root}`);
    await site.close();
  }
}
