import { setTimeout as wait } from 'node:timers/promises';
import type { ProfileName } from '../../platform/demo-cloud/settings.ts';
import { finish } from './finish.ts';
import { ending, prepare } from './flow.ts';
import { start } from './program.ts';
import { each, pick, PROFILES, type Proof, randomOf } from './proof.ts';
import { TWELVE } from './shapes.ts';
import { openSite, type Site } from './site.ts';
import { openTally, type Tally, violate } from './tally.ts';

const ANSWER_MS: [number, number] = [200, 800];

/** Longest time after the first create at which a kill still falls into an apply of this shape. */
const WINDOW_MS = 1_800;

/**
 * Kills the process group at a uniformly random time after the first create of 12 servers, whose answers take 200 to 800 ms.
 * Kills that came after the end do not count and are made up for.
 */
export async function random(proof: Proof, kills: number): Promise<Tally> {
  const tally = openTally('random');
  let late = 0;
  let next = 0;
  const slots = Array.from({ length: kills }, (_, index) => index);
  await each(slots, proof.workers, async () => {
    for (let tries = 0; tries < 20; tries += 1) {
      const seed = proof.seed + next;
      next += 1;
      if (await killAtRandom(proof, tally, seed)) return;
      late += 1;
    }
  });
  tally.notes.push(`random: ${late} kills came after the apply had ended and do not count`);
  return tally;
}

interface Dice {
  readonly profile: ProfileName;
  /** The create answers at once and an action goes on, as with most clouds; or the answer itself is slow. */
  readonly isAsynchronous: boolean;
  readonly afterMs: number;
  /** Kills in the recovery, each after its own time. */
  readonly more: readonly number[];
}

function thrown(proof: Proof, seed: number): Dice {
  const dice = randomOf(seed);
  const profile = pick(PROFILES, dice);
  const isAsynchronous = dice() < 0.5;
  const afterMs = dice() * WINDOW_MS;
  const more = Array.from({ length: dice() < 0.25 ? 1 + Math.floor(dice() * 2) : 0 }, () => dice() * WINDOW_MS);
  const only = PROFILES.find(known => known === proof.only.profile);
  return { profile: only ?? profile, isAsynchronous, afterMs, more };
}

/** True when the kill landed inside the apply. */
async function killAtRandom(proof: Proof, tally: Tally, seed: number): Promise<boolean> {
  const { profile, isAsynchronous, afterMs, more } = thrown(proof, seed);
  const settings = isAsynchronous ? { actionMs: ANSWER_MS } : { latency: { writes: ANSWER_MS } };
  const site = await openSite(TWELVE, { profile, settings, keep: proof.keep });
  const label = `seed ${seed} ${profile} ${isAsynchronous ? 'actions' : 'answers'} at ${afterMs.toFixed(0)} ms`;
  const again = `npx tsx scripts/crash/main.ts --random 1 --seed ${seed}`;
  try {
    await prepare(site);
    if (!(await killed(site, afterMs, true))) return false;
    tally.cases += 1;
    tally.fired += 1;
    for (const ms of more) if (await killed(site, ms, false)) tally.fired += 1;
    await finish(proof, tally, site, { label, again, approved: true });
    return true;
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
    return true;
  } finally {
    await site.close();
  }
}

/** Starts the program and kills its group that many milliseconds after the first create, or after its start. False when it ended before. */
async function killed(site: Site, afterMs: number, fromCreate: boolean): Promise<boolean> {
  const args = ['reconcile', '--once', '--repository', site.remote, '--wait', '20', '--json'];
  const running = start({ args, home: site.home, together: true });
  const over = { is: false };
  void running.ended.then(() => (over.is = true));
  const isEarly = (): boolean => fromCreate && !over.is && !hasCreate(site);
  while (isEarly()) await wait(2);
  await Promise.race([wait(afterMs), running.ended]);
  running.signal('SIGKILL');
  const ended = await running.ended;
  if (ended.hung) throw new Error(`the program hung: ${ending(ended)}`);
  return ended.signal === 'SIGKILL';
}

function hasCreate(site: Site): boolean {
  return site.clouds.some(cloud => cloud.core.ledger().some(entry => entry.operation === 'create'));
}
