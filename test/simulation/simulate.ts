import { memoryDisk } from '../../platform/state/memory-disk.ts';
import { openMemoryState } from '../../platform/state/memory-state.ts';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { begin, commitOf, type Life, PROFILES } from './life.ts';
import { type Commit, type Ended, type Machine, runPass, type Turn } from './machine.ts';
import type { Mutant } from './mutants.ts';
import { createdTwice, fenced, outOfOrder, sentBlindly } from './oracle.ts';
import { randomOf } from './random.ts';
import { type Shape, SHAPES } from './shapes.ts';
import { arm, disturb, firedIn, happened, heal, nuisance, once, trap } from './trouble.ts';

/** What one seed did. */
export interface Outcome {
  readonly seed: number;
  readonly shape: string;
  readonly profile: string;
  readonly crashes: readonly Failpoint[];
  /** Faults that really happened, by name, with how often. */
  readonly fired: ReadonlyMap<string, number>;
  readonly reached: ReadonlySet<Failpoint>;
  readonly passes: number;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

/** Passes under faults, and passes after everything was healed. */
const WILD = 8;
const CALM = 12;

/** One simulated life of a workspace: faults, crashes, recovery, and the comparison of the cloud with what was wanted. */
export async function simulate(seed: number, more: { readonly broken?: Mutant } = {}): Promise<Outcome> {
  const random = randomOf(seed);
  const name = random.pick(Object.keys(SHAPES));
  const shape = SHAPES[name]?.(random) as Shape;
  const profile = random.pick(Object.keys(PROFILES));
  const life = begin({ seed, random, shape, profile }, more.broken ?? {});
  if (shape.before !== null) await calm(life, commitOf(life, shape.before), CALM);
  arm(life);
  const last = commitOf(life, shape.after);
  if (shape.between !== null)
    await wild(life, commitOf(life, shape.between), { turns: random.between(1, 3), crashes: 2 });
  await wild(life, last, { turns: WILD, crashes: random.between(1, 4) });
  heal(life);
  await calm(life, last, CALM);
  await compare(life);
  return {
    seed,
    shape: name,
    profile,
    crashes: life.crashes,
    fired: firedIn(life),
    reached: life.reached,
    passes: life.passes,
    violations: life.violations,
    trace: life.trace,
  };
}

/** Passes under everything that can go wrong, until nothing is left to do or enough processes died. */
async function wild(
  life: Life,
  commit: Commit,
  most: { readonly turns: number; readonly crashes: number },
): Promise<void> {
  const { random } = life;
  let crashesLeft = most.crashes;
  for (let turn = 0; turn < most.turns && crashesLeft > 0; turn += 1) {
    disturb(life);
    const [left, right] = random.chance(0.75) ? life.machines : [...life.machines].reverse();
    const dies = trap(random);
    const ended = random.chance(0.15)
      ? await duel(life, commit, [left as Machine, right as Machine])
      : await onePass(life, left as Machine, { commit, dies, ...nuisance(life) });
    if (ended.crashed) crashesLeft -= 1;
    else if (ended.report.status === 'in-sync') return;
    await life.ground.clock.sleep(random.pick([0, 500, 3_000, 60_000]));
  }
}

/** One process stands still for longer than its lease, and another one takes over meanwhile. Then the first one wakes up. */
async function duel(life: Life, commit: Commit, [left, right]: readonly [Machine, Machine]): Promise<Ended> {
  const { random } = life;
  let begun: () => void = () => {};
  const still = new Promise<void>(resolve => {
    begun = resolve;
  });
  const stall = {
    at: once(random),
    ms: random.pick([40_000, 90_000, 200_000]),
    begun: () => {
      happened(life, 'process F36 paused beyond its lease');
      begun();
    },
  };
  const first = onePass(life, left, { commit, dies: () => false, stall });
  await Promise.race([still, first]);
  const second = onePass(life, right, { commit, dies: random.chance(0.3) ? trap(random) : () => false });
  const [ended] = await Promise.all([second, first]);
  return ended;
}

/** Passes without crashes until nothing is left to do. */
async function calm(life: Life, commit: Commit, most: number): Promise<void> {
  let status = '';
  for (let turn = 0; turn < most; turn += 1) {
    const machine = life.random.chance(0.75) ? life.machines[0] : life.machines[1];
    const ended = await onePass(life, machine as Machine, { commit, dies: () => false });
    if (ended.crashed) return;
    status = ended.report.status;
    if (status === 'in-sync') return;
    await life.ground.clock.sleep(65_000);
  }
  const rolledBack = life.shape.settings.includes('rollback') && status === 'failed';
  if (!rolledBack) life.violations.push(`not converged after ${most} calm passes: ${status}`);
}

async function onePass(life: Life, machine: Machine, turn: Omit<Turn, 'torn'>): Promise<Ended> {
  const { random, crashes, reached } = life;
  life.passes += 1;
  const torn = random.chance(0.3);
  const dies = (point: Failpoint): boolean => {
    reached.add(point);
    const now = turn.dies(point);
    if (!now) return false;
    crashes.push(point);
    happened(life, 'process F34 killed');
    if (torn) happened(life, 'disk F30 torn write');
    return true;
  };
  const ended = await runPass(life.ground, machine, { ...turn, dies, torn });
  life.trace.push(`${machine.name}: ${ended.crashed ? `crash at ${crashes.at(-1)}` : describe(ended)}`);
  return ended;
}

function describe(ended: Extract<Ended, { crashed: false }>): string {
  const { report } = ended;
  const failed = report.run?.failed.map(({ key, fault }) => `${key}: ${String(fault.problems[0]?.what)}`) ?? [];
  const why = report.fault?.problems.map(problem => `${problem.id} ${problem.what}`) ?? [];
  return [report.status, `${report.writes} writes`, ...failed, ...why, report.next].join(' | ');
}

/** The oracle: the cloud's own truth against what was wanted, and the chain against itself. */
async function compare(life: Life): Promise<void> {
  const { shape, violations } = life;
  const found = new Map<string, number>();
  const gaveUp = shape.settings.includes('rollback') && life.trace.at(-1)?.includes('failed') === true;
  const wanted = gaveUp ? null : shape.wanted;
  for (const object of [...life.core.objects(), ...life.other.objects()]) {
    const address = object.labels['provisioning/address'];
    if (address === undefined) violations.push(`orphan without a label: ${object.id}`);
    else found.set(address, (found.get(address) ?? 0) + 1);
    for (const [field, value] of Object.entries(wanted?.get(address ?? '') ?? {})) {
      const is = JSON.stringify(object.fields[field]);
      if (is !== JSON.stringify(value))
        violations.push(`${address}.${field} is ${is}, wanted ${JSON.stringify(value)}`);
    }
  }
  for (const [address, count] of found) {
    if (count > 1) violations.push(`duplicate: ${address} exists ${count} times`);
    if (wanted !== null && !wanted.has(address)) violations.push(`orphan: ${address}`);
  }
  for (const address of wanted?.keys() ?? []) if (!found.has(address)) violations.push(`lost: ${address}`);
  for (const [index, core] of [life.core, life.other].entries()) {
    const ledger = core.ledger();
    const takes = life.ground.takes.map(({ client, after }) => ({ client, after: after[index] ?? 0 }));
    violations.push(...createdTwice(ledger), ...sentBlindly(ledger), ...fenced(ledger, takes));
    if (shape.name !== 'pair') violations.push(...outOfOrder(ledger, shape.needs));
  }
  const { clock, remote, randomHex } = life.ground;
  const world = { clock, randomHex, reach: async () => {} };
  const store = openMemoryState({ remote, disk: memoryDisk(), workspace: 'sim', world });
  for (const problem of (await store.verify()).problems) violations.push(`chain: ${problem.what}`);
}
