import { setTimeout as wait } from 'node:timers/promises';
import { command, ending, recover } from './flow.ts';
import { epochsOf, handOversOf, overlaps } from './epochs.ts';
import { git } from './git.ts';
import { isClean, judge } from './oracle.ts';
import { type Running, start } from './program.ts';
import { pick, PROFILES, type Proof, randomOf } from './proof.ts';
import { type Phase, shapeOf } from './shape.ts';
import { commitPhase, homeOf, openSite, type Site, STATE_REF } from './site.ts';
import { count, openTally, type Tally, violate } from './tally.ts';
import { server } from './thing.ts';

const LEASE_MS = 2_000;

/** Longest time in which the hand-overs must happen, in milliseconds for each. */
const PATIENCE_MS = 15_000;

/** The two states between which the commits flip, so that there is always work: sizes change, and one server comes and goes. */
const FLIPS: readonly [Phase, Phase] = [
  { things: ['a', 'b', 'c', 'd'].map(name => server(name, { size: 'small' })) },
  { things: ['a', 'b', 'c', 'd', 'e'].map(name => server(name, { size: 'medium' })) },
];

/**
 * Several reconcilers on one workspace, each with its own local files, as on several machines. They are paused at random
 * for longer and shorter than their lease. In the cloud's ledger no epoch may write after a newer one did.
 */
export async function writers(proof: Proof, handOvers: number): Promise<Tally> {
  const tally = openTally('writers');
  const sizes = proof.quick ? [3] : [2, 3, 4, 5];
  for (const size of sizes) await contend(proof, tally, { size, handOvers: Math.ceil(handOvers / sizes.length) });
  return tally;
}

async function contend(
  proof: Proof,
  tally: Tally,
  asked: { readonly size: number; readonly handOvers: number },
): Promise<void> {
  const profile = PROFILES[asked.size % PROFILES.length] ?? 'hetzner';
  const label = `${asked.size} reconcilers on ${profile}`;
  const again = `npx tsx scripts/crash/main.ts --writers ${asked.handOvers} --seed ${proof.seed}`;
  const shape = shapeOf({ name: 'flips', phases: FLIPS });
  const site = await openSite(shape, { profile, settings: { latency: { writes: [20, 150] } }, keep: proof.keep });
  const nodes = Array.from({ length: asked.size }, (_, index) => follower(site, index));
  try {
    const turns = await disturb(proof, site, nodes, asked.handOvers);
    for (const node of nodes) node.signal('SIGCONT');
    for (const node of nodes) node.signal('SIGTERM');
    const ends = await Promise.all(nodes.map(node => node.ended));
    for (const ended of ends.filter(one => one.hung))
      violate(tally, { case: label, what: `a reconciler hung: ${ending(ended)}`, again });
    await settle(site, tally, { label, again });
    const epochs = await epochsOf(site.remote);
    const ledger = site.clouds.flatMap(cloud => cloud.core.ledger());
    const { stamped, late } = overlaps(
      ledger,
      epochs,
      nodes.map(node => node.pid),
    );
    for (const text of late.slice(0, 5)) violate(tally, { case: label, what: text, again });
    if (stamped < asked.handOvers) violate(tally, { case: label, what: `only ${stamped} writes were seen`, again });
    const handed = handOversOf(epochs);
    tally.cases += handed.length;
    tally.fired += handed.length;
    if (handed.length < asked.handOvers)
      violate(tally, { case: label, what: `only ${handed.length} of ${asked.handOvers} hand-overs happened`, again });
    const forced = handed.filter(epoch => epoch.isForced).length;
    const line = `${label}: ${epochs.length} epochs, ${handed.length} hand-overs (${forced} without a release), ${turns} pauses, ${stamped} writes, ${late.length} overlaps`;
    tally.notes.push(line);
    proof.say(line);
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    for (const node of nodes) node.signal('SIGKILL');
    await Promise.all(nodes.map(node => node.ended));
    await site.close();
  }
}

function follower(site: Site, index: number): Running {
  const args = ['reconcile', '--watch', '--interval', '1', '--repository', site.remote, '--json'];
  // A request carries the index; the chain knows the process by its id.
  return start({ args, home: homeOf(site.root, `home-${index}`), stamp: String(index), limitMs: 3_600_000 });
}

/** Commits and pauses until enough hand-overs happened. Returns the number of pauses. */
async function disturb(proof: Proof, site: Site, nodes: readonly Running[], handOvers: number): Promise<number> {
  const dice = randomOf(proof.seed + nodes.length);
  const until = performance.now() + handOvers * PATIENCE_MS;
  const paused = new Set<Running>();
  let pauses = 0;
  for (let turn = 0; performance.now() < until; turn += 1) {
    await commitPhase(site, FLIPS[turn % 2] ?? FLIPS[0], `Flip ${turn}`);
    await wait(200 + dice() * 800);
    const able = nodes.filter(node => !paused.has(node));
    if (able.length > 1) {
      const holder = await holderOf(site);
      const victim = able.find(node => node.pid === holder && dice() < 0.8) ?? pick(able, dice);
      paused.add(victim);
      pauses += 1;
      victim.signal('SIGSTOP');
      void wait((0.5 + dice() * 2.5) * LEASE_MS).then(() => {
        victim.signal('SIGCONT');
        paused.delete(victim);
      });
    }
    if (handOversOf(await epochsOf(site.remote)).length >= handOvers) break;
  }
  return pauses;
}

/** Process id of the present writer; null when there is none. */
async function holderOf(site: Site): Promise<number | null> {
  try {
    return (JSON.parse(await git(site.remote, 'show', `${STATE_REF}:writer.json`)) as { readonly pid: number }).pid;
  } catch {
    return null;
  }
}

/** After the storm one more commit and one more reconciler: the world and the record must be whole. */
async function settle(
  site: Site,
  tally: Tally,
  one: { readonly label: string; readonly again: string },
): Promise<void> {
  await commitPhase(site, FLIPS[1], 'The last word');
  const recovery = await recover(site, { wasApproved: true });
  const verdict = judge(site, FLIPS[1].things);
  count(tally, { verdict, recovery, case: one.label, again: one.again });
  if (!recovery.converged || !isClean(verdict)) return;
  const verified = await command(site, ['state', 'verify']);
  if (verified.code !== 0)
    violate(tally, { case: one.label, what: `the chain does not verify: ${ending(verified)}`, again: one.again });
}
