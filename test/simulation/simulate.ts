import { createHash } from 'node:crypto';
import { type CloudCore, createCloud } from '../../platform/demo-cloud/cloud.ts';
import { FAULTS, type FaultName } from '../../platform/demo-cloud/faults.ts';
import { cloudFetch } from '../../platform/demo-cloud/fetch.ts';
import { memoryDisk } from '../../platform/state/memory-disk.ts';
import { memoryRemote } from '../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../platform/state/memory-state.ts';
import type { Ports } from '../../reconciler/ports.ts';
import { type Failpoint, FAILPOINTS } from '../../schemas/failpoint.ts';
import { virtualClock } from '../providers/virtual-clock.ts';
import { type Commit, type Ended, type Ground, type Machine, runPass } from './machine.ts';
import { type Random, randomOf } from './random.ts';
import { type Shape, SHAPES } from './shapes.ts';

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

const PROFILES = ['hetzner', 'ec2', 'upcloud'] as const;

/** Faults that say something definite for ever are left to the provider contract: here everything must converge. */
const CLOUD_FAULTS = (Object.keys(FAULTS) as FaultName[]).filter(
  name => !['null-id', 'unknown-words', 'action-stuck'].includes(name),
);

/** Passes under faults, and passes after everything was healed. */
const WILD = 8;
const CALM = 12;

/** One simulated life of a workspace: faults, crashes, recovery, and the comparison of the cloud with what was wanted. */
export async function simulate(
  seed: number,
  more: { readonly broken?: (ports: Ports) => Ports } = {},
): Promise<Outcome> {
  const random = randomOf(seed);
  const name = random.pick(Object.keys(SHAPES));
  const shape = SHAPES[name]?.(random) as Shape;
  const profile = random.pick(PROFILES);
  const life = begin({ seed, random, shape, profile }, more.broken);
  if (shape.before !== null) await calm(life, commitOf(life, shape.before), CALM);
  arm(life);
  const last = commitOf(life, shape.after);
  await wild(life, last);
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

interface Life {
  readonly seed: number;
  readonly random: Random;
  readonly shape: Shape;
  readonly profile: (typeof PROFILES)[number];
  readonly core: CloudCore;
  readonly ground: Ground;
  readonly machines: readonly Machine[];
  readonly crashes: Failpoint[];
  readonly reached: Set<Failpoint>;
  readonly violations: string[];
  readonly trace: string[];
  readonly met: (() => readonly [string, number])[];
  passes: number;
}

function begin(
  {
    seed,
    random,
    shape,
    profile,
  }: { readonly seed: number; readonly random: Random; readonly shape: Shape; readonly profile: Life['profile'] },
  broken: ((ports: Ports) => Ports) | undefined,
): Life {
  const clock = virtualClock();
  const core = createCloud({
    settings: {
      profile,
      seed,
      latency: random.chance(0.5) ? { reads: [1, 40], writes: [20, 800] } : {},
      actionMs: random.chance(0.5) ? [100, 5_000] : 0,
      pageSize: random.pick([2, 5, 50]),
    },
  });
  const remote = memoryRemote();
  remote.latencyMs = random.pick([0, 5, 80]);
  const hex = randomOf(seed ^ 0x5bd1e995);
  const randomHex = (count: number): string =>
    Array.from({ length: count }, () => hex.between(0, 255).toString(16).padStart(2, '0')).join('');
  const ground: Ground = {
    clock,
    remote,
    fetch: cloudFetch(core, { clock }),
    randomHex,
    ...(broken === undefined ? {} : { broken }),
  };
  const machines = ['left', 'right'].map(name => ({ name, disk: memoryDisk() }));
  return {
    seed,
    random,
    shape,
    profile,
    core,
    ground,
    machines,
    crashes: [],
    reached: new Set(),
    violations: [],
    trace: [],
    met: [],
    passes: 0,
  };
}

function commitOf(life: Life, infra: string): Commit {
  const encoder = new TextEncoder();
  const workspace = `name: sim\nreview: none\n${life.shape.settings}\nproviders:\n  demo: { profile: ${life.profile} }\n`;
  const files = new Map([['workspace.yaml', encoder.encode(workspace)]]);
  if (infra !== '{}') files.set('infra/main.json', encoder.encode(infra));
  const sha = createHash('sha1').update(infra).digest('hex');
  return { sha, tree: sha, files };
}

/** Between no and four faults of the cloud, and now and then one of the state's remote and of the disk. */
function arm(life: Life): void {
  const { random, core, ground } = life;
  for (let count = random.between(0, 4); count > 0; count -= 1) {
    const fault = random.pick(CLOUD_FAULTS);
    const times = random.between(1, 3);
    // A cloud that hides a new object for longer than it promises cannot be told from one that lost it.
    if (fault === 'invisible' && life.profile !== 'ec2') continue;
    const id = core.arm({
      fault,
      times,
      ms: fault === 'invisible' ? 500 : random.pick([100, 1_000, 4_000]),
      // A doubled request for a volume or an address attaches both: that is shown to a person, not mended here.
      match: {
        ...(random.chance(0.5) ? { probability: 0.3 } : { nth: random.between(1, 12) }),
        ...(fault === 'sent-twice' ? { kind: 'server' } : {}),
      },
    });
    life.met.push(() => [
      `cloud ${FAULTS[fault].number} ${fault}`,
      core.faults().find(rule => rule.id === id)?.fired ?? 0,
    ]);
  }
  if (random.chance(0.4)) {
    const fault = random.pick(['moved', 'answer-lost', 'down', 'declined'] as const);
    const on = fault === 'down' ? random.pick(['look', 'push'] as const) : 'push';
    const met = ground.remote.inject({ fault, on, times: random.between(1, 3) });
    life.met.push(() => [`git ${fault} on ${on}`, met()]);
  }
  if (random.chance(0.25)) {
    const fault = random.pick(['no-space', 'sync-error'] as const);
    const met = life.machines.map(machine => machine.disk.inject(fault, random.between(1, 2)));
    life.met.push(() => [`disk ${fault}`, met.reduce((sum, count) => sum + count(), 0)]);
  }
}

function heal(life: Life): void {
  const fired = [...firedIn(life)];
  life.met.splice(
    0,
    life.met.length,
    ...fired.map(
      ([name, count]) =>
        () =>
          [name, count] as const,
    ),
  );
  life.core.disarm();
  life.ground.remote.heal();
  for (const machine of life.machines) machine.disk.heal();
}

function firedIn(life: Life): Map<string, number> {
  const fired = new Map<string, number>();
  for (const met of life.met) {
    const [name, count] = met();
    if (count > 0) fired.set(name, (fired.get(name) ?? 0) + count);
  }
  return fired;
}

async function wild(life: Life, commit: Commit): Promise<void> {
  const { random } = life;
  let crashesLeft = random.between(1, 4);
  for (let turn = 0; turn < WILD && crashesLeft > 0; turn += 1) {
    const dies = trap(random);
    const ended = await onePass(life, commit, dies);
    if (ended.crashed) crashesLeft -= 1;
    else if (ended.report.status === 'in-sync') return;
    await life.ground.clock.sleep(random.pick([0, 500, 3_000, 60_000]));
  }
}

/** Half of the processes die at a named point, the others at any point of their life. */
function trap(random: Random): (point: Failpoint) => boolean {
  const point = random.pick(FAILPOINTS);
  let left = random.chance(0.5) ? random.between(1, 4) : random.between(1, 120);
  const any = left > 4;
  return at => (any || at === point) && --left <= 0;
}

/** Passes without crashes until nothing is left to do. */
async function calm(life: Life, commit: Commit, most: number): Promise<void> {
  let status = '';
  for (let turn = 0; turn < most; turn += 1) {
    const ended = await onePass(life, commit, () => false);
    if (ended.crashed) return;
    status = ended.report.status;
    if (status === 'in-sync') return;
    await life.ground.clock.sleep(65_000);
  }
  const rolledBack = life.shape.settings.includes('rollback') && status === 'failed';
  if (!rolledBack) life.violations.push(`not converged after ${most} calm passes: ${status}`);
}

async function onePass(life: Life, commit: Commit, dies: (point: Failpoint) => boolean): Promise<Ended> {
  const { random, crashes, reached } = life;
  life.passes += 1;
  const machine = random.chance(0.75) ? life.machines[0] : life.machines[1];
  const watched = (point: Failpoint): boolean => {
    reached.add(point);
    const now = dies(point);
    if (now) crashes.push(point);
    return now;
  };
  const ended = await runPass(life.ground, machine as Machine, { commit, dies: watched, torn: random.chance(0.3) });
  life.trace.push(`${machine?.name}: ${ended.crashed ? `crash at ${crashes.at(-1)}` : describe(ended)}`);
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
  const { shape, core, violations } = life;
  const found = new Map<string, number>();
  const gaveUp = shape.settings.includes('rollback') && life.trace.at(-1)?.includes('failed') === true;
  const wanted = gaveUp ? null : shape.wanted;
  for (const object of core.objects()) {
    const address = object.labels['provisioning/address'];
    if (address === undefined) violations.push(`orphan without a label: ${object.id}`);
    else found.set(address, (found.get(address) ?? 0) + 1);
    for (const [field, value] of Object.entries(wanted?.get(address ?? '') ?? {})) {
      if (object.fields[field] !== value)
        violations.push(
          `${address}.${field} is ${JSON.stringify(object.fields[field])}, wanted ${JSON.stringify(value)}`,
        );
    }
  }
  for (const [address, count] of found) {
    if (count > 1) violations.push(`duplicate: ${address} exists ${count} times`);
    if (wanted !== null && !wanted.has(address)) violations.push(`orphan: ${address}`);
  }
  for (const address of wanted?.keys() ?? []) if (!found.has(address)) violations.push(`lost: ${address}`);
  violations.push(...createdTwice(life));
  const { clock, remote } = life.ground;
  const world = { clock, randomHex: life.ground.randomHex, reach: async () => {} };
  const store = openMemoryState({ remote, disk: memoryDisk(), workspace: 'sim', world });
  for (const problem of (await store.verify()).problems) violations.push(`chain: ${problem.what}`);
}

/** One operation makes one object, unless a proxy delivered its request twice. */
function createdTwice(life: Life): string[] {
  if (firedIn(life).has('cloud F14 sent-twice')) return [];
  const made = new Map<string, number>();
  for (const { effect, opId } of life.core.ledger()) {
    if (opId === null || !effect.startsWith('created')) continue;
    made.set(opId, (made.get(opId) ?? 0) + 1);
  }
  return [...made].filter(([, count]) => count > 1).map(([id, count]) => `operation ${id} created ${count} objects`);
}
