import { join } from 'node:path';
import type { ProfileName } from '../../platform/demo-cloud/settings.ts';
import { FAILPOINTS, type Failpoint } from '../../schemas/failpoint.ts';
import { finish } from './finish.ts';
import { attempt, ending, fired, prepare, recover } from './flow.ts';
import { isClean, judge, shownVerdict } from './oracle.ts';
import type { Ended } from './program.ts';
import { each, hashed, pick, PROFILES, type Proof, randomOf } from './proof.ts';
import type { Shape } from './shape.ts';
import { SHAPES } from './shapes.ts';
import { homeOf, openSite, type Site } from './site.ts';
import { openTally, type Tally, violate } from './tally.ts';

/** One place to kill the program at. */
interface Case {
  readonly shape: Shape;
  readonly profile: ProfileName;
  readonly point: Failpoint;
  readonly nth: number;
  /** Kill it once more, at this point, while it recovers. */
  readonly second: Failpoint | null;
  /** Another machine recovers, which has nothing of what the dead one kept on its disk. */
  readonly elsewhere: boolean;
}

/** How often each point is passed by a shape that is left in peace, up to a limit. */
interface Probe {
  readonly shape: Shape;
  readonly profile: ProfileName;
  readonly passed: ReadonlyMap<Failpoint, number>;
}

const COUNTED = 8;

/**
 * Kills the program at every failpoint that a shape passes, in every profile, and lets it recover. First each shape runs
 * undisturbed: that is the control, and it tells which points it passes.
 */
export async function matrix(proof: Proof): Promise<Tally> {
  const tally = openTally('matrix');
  const { only } = proof;
  const shapes = SHAPES.filter(shape => only.shape === null || shape.name === only.shape);
  const profiles = PROFILES.filter(profile => only.profile === null || profile === only.profile);
  const pairs = shapes.flatMap((shape, index) =>
    (proof.quick && only.profile === null
      ? [pick(profiles, () => (index % profiles.length) / profiles.length)]
      : profiles
    ).map(profile => ({ shape, profile })),
  );
  const probes: Probe[] = [];
  await each(pairs, proof.workers, async pair => {
    const probe = await probed(proof, tally, pair);
    if (probe !== null) probes.push(probe);
  });
  const filtered = Object.values(only).some(value => value !== null);
  if (!filtered) unreached(tally, probes);
  const all = proof.quick && !filtered ? rotated(probes) : full(proof, probes);
  const cases = all.filter((_, index) => index % proof.share.of === proof.share.number - 1);
  proof.say(`matrix: ${cases.length} cases over ${probes.length} shapes and profiles`);
  await each(cases, proof.workers, one => crash(proof, tally, one));
  return tally;
}

/** A point that no shape passes proves nothing, so it fails the run. */
function unreached(tally: Tally, probes: readonly Probe[]): void {
  for (const point of FAILPOINTS) {
    if (probes.some(probe => probe.passed.has(point))) continue;
    const again = 'npx tsx scripts/crash/main.ts --matrix';
    violate(tally, {
      case: point,
      what: 'no shape passes this point: either the program never says it, or a shape is missing',
      again,
    });
  }
  for (const shape of SHAPES) {
    const passed = new Set(probes.filter(probe => probe.shape === shape).flatMap(probe => [...probe.passed.keys()]));
    const missed = FAILPOINTS.filter(point => !passed.has(point));
    tally.notes.push(`${shape.name} passes ${passed.size} points; not: ${missed.join(', ')}`);
  }
}

async function probed(proof: Proof, tally: Tally, pair: { shape: Shape; profile: ProfileName }): Promise<Probe | null> {
  const { shape, profile } = pair;
  const label = `control of ${shape.name}/${profile}`;
  const again = `npx tsx scripts/crash/main.ts --matrix --shape ${shape.name} --profile ${profile}`;
  const site = await openSite(shape, { profile, keep: proof.keep });
  try {
    await prepare(site);
    const log = join(site.root, 'passed.log');
    const traps = FAILPOINTS.flatMap(point =>
      Array.from({ length: COUNTED }, (_, index) => `${point}:${index + 1}:delay=0`),
    );
    const ended = await attempt(site, { env: armed(log, traps.join(',')) });
    const recovery = await recover(site, { wasApproved: true });
    const verdict = judge(site, shape.wanted);
    proof.say(`${label}: ${ending(ended)}, then ${recovery.passes} passes`);
    if (!recovery.converged || !isClean(verdict)) {
      const story = [ending(ended), ...recovery.story].join(' -> ');
      violate(tally, { case: label, what: `it fails without any crash: ${shownVerdict(verdict)} ${story}`, again });
      return null;
    }
    const passed = new Map<Failpoint, number>();
    // Every process counts for itself, and a step may be several processes.
    for (const line of fired(log)) {
      const [point, nth] = line.split(':') as [Failpoint, string];
      passed.set(point, Math.max(passed.get(point) ?? 0, Number(nth)));
    }
    return { shape, profile, passed };
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
    return null;
  } finally {
    await site.close();
  }
}

function armed(log: string, traps: string): { readonly [name: string]: string } {
  return { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: traps, PROVISIONING_FAILPOINT_LOG: log };
}

/** Every point that is passed, once the first time, and once at a later time where there is one. */
function full(proof: Proof, probes: readonly Probe[]): Case[] {
  return probes.flatMap(({ shape, profile, passed }) =>
    [...passed].flatMap(([point, times]) => {
      if (proof.only.point !== null && point !== proof.only.point) return [];
      const random = randomOf(proof.seed + hashed(`${shape.name} ${profile} ${point}`));
      const later = times > 1 ? [2 + Math.floor(random() * (times - 1))] : [];
      const counts = proof.only.nth === null ? [1, ...later] : [proof.only.nth];
      return counts.map(nth => {
        const [twice, away] = [random() < 0.25, random() < 0.1];
        return {
          shape,
          profile,
          point,
          nth,
          second:
            proof.only.second === null ? (twice ? pick(IN_RECOVERY, random) : null) : namedPoint(proof.only.second),
          elsewhere: away,
        };
      });
    }),
  );
}

/** Points that a recovery is likely to pass. */
const IN_RECOVERY: readonly Failpoint[] = [
  'take.before',
  'take.after',
  'lookup.before',
  'lookup.after',
  'intent.push.after',
  'create.accepted',
  'delete.accepted',
  'outcome.before',
  'push.before',
  'end.before',
  'release.before',
];

function namedPoint(name: string): Failpoint {
  const found = FAILPOINTS.find(point => point === name);
  if (found === undefined) throw new RangeError(`there is no failpoint ${name}`);
  return found;
}

/** Every point once, each time in another of the shapes that pass it. */
function rotated(probes: readonly Probe[]): Case[] {
  return FAILPOINTS.flatMap((point, index) => {
    const able = probes.filter(probe => probe.passed.has(point));
    const probe = able[index % Math.max(1, able.length)];
    if (probe === undefined) return [];
    const { shape, profile } = probe;
    return [{ shape, profile, point, nth: 1, second: null, elsewhere: index % 10 === 9 }];
  });
}

async function crash(proof: Proof, tally: Tally, one: Case): Promise<void> {
  const { shape, profile, point, nth, second, elsewhere } = one;
  const label = `${shape.name}/${profile} ${point}:${nth}${second === null ? '' : ` then ${second}`}${elsewhere ? ' elsewhere' : ''}`;
  const again = `npx tsx scripts/crash/main.ts --matrix --shape ${shape.name} --profile ${profile} --point ${point} --nth ${nth}${second === null ? '' : ` --second ${second}`} --seed ${proof.seed}`;
  const site = await openSite(shape, { profile, keep: proof.keep });
  try {
    await prepare(site);
    // Half of the kills leave the children of the program alone, as the out-of-memory killer does; half take the whole group, as a power cut does.
    const together = hashed(label) % 2 === 0;
    const { ended, log } = await killedAt(site, `${point}:${nth}:kill`, together);
    // How often a cloud is asked about an action depends on the time of day: then an earlier time is taken.
    if (ended.signal !== 'SIGKILL' && nth > 1) return await crash(proof, tally, { ...one, nth: Math.floor(nth / 2) });
    tally.cases += 1;
    if (ended.signal !== 'SIGKILL' || !log.includes(`${point}:${nth}:kill`)) {
      violate(tally, { case: label, what: `the kill did not happen: ${ending(ended)}`, again });
      return;
    }
    tally.fired += 1;
    if (second !== null) {
      const next = await killedAt(site, `${second}:1:kill`, together);
      if (next.log.length > 0) tally.fired += 1;
    }
    const approved = site.clouds.some(cloud => cloud.core.ledger().some(entry => entry.operation === 'create'));
    const rescuer = elsewhere ? { ...site, home: homeOf(site.root, 'elsewhere') } : site;
    await finish(proof, tally, rescuer, { label, again, approved });
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
}

async function killedAt(
  site: Site,
  traps: string,
  together: boolean,
): Promise<{ ended: Ended; log: readonly string[] }> {
  const log = join(site.root, `${hashed(traps)}.log`);
  const ended = await attempt(site, { env: armed(log, traps), together });
  return { ended, log: fired(log) };
}
