import { FAULTS, type FaultName } from '../../platform/demo-cloud/faults.ts';
import { type Failpoint, FAILPOINTS } from '../../schemas/failpoint.ts';
import type { Life } from './life.ts';
import type { Turn } from './machine.ts';
import type { Random } from './random.ts';

/** Faults that say something definite for ever are left to the provider contract: here everything must converge. */
const CLOUD_FAULTS = (Object.keys(FAULTS) as FaultName[]).filter(name => !['null-id', 'unknown-words'].includes(name));
const GIT_FAULTS = { moved: 'F20', 'answer-lost': 'F21', down: 'F22', declined: 'F23' } as const;
const DISK_FAULTS = { 'no-space': 'F28', 'sync-error': 'F29' } as const;

/** Everything that goes wrong in the simulation, as it is counted: each must really happen over enough seeds. */
export const FAULT_KINDS: readonly string[] = [
  ...CLOUD_FAULTS.map(name => `cloud ${FAULTS[name].number} ${name}`),
  ...Object.entries(GIT_FAULTS).map(([name, number]) => `git ${number} ${name}`),
  ...Object.entries(DISK_FAULTS).map(([name, number]) => `disk ${number} ${name}`),
  'disk F30 torn write',
  'process F34 killed',
  'process F35 asked to stop',
  'process F36 paused beyond its lease',
  'process F38 stalled for 30 s',
  'time F39 clock set',
  'git F41 cut off',
  'cloud F42 cut off',
];

/** Between no and four faults of the cloud, and now and then one of the state's remote and of the disk. */
export function arm(life: Life): void {
  const { random, ground } = life;
  for (let count = random.between(0, 4); count > 0; count -= 1) armCloud(life, random.pick(CLOUD_FAULTS));
  if (random.chance(0.4)) {
    const fault = random.pick(Object.keys(GIT_FAULTS) as (keyof typeof GIT_FAULTS)[]);
    const on = fault === 'down' ? random.pick(['look', 'push'] as const) : 'push';
    const met = ground.remote.inject({ fault, on, times: random.between(1, 3) });
    life.met.push(() => [`git ${GIT_FAULTS[fault]} ${fault}`, met()]);
  }
  if (random.chance(0.25)) {
    const fault = random.pick(Object.keys(DISK_FAULTS) as (keyof typeof DISK_FAULTS)[]);
    const met = life.machines.map(machine => machine.disk.inject(fault, random.between(1, 2)));
    life.met.push(() => [`disk ${DISK_FAULTS[fault]} ${fault}`, met.reduce((sum, count) => sum + count(), 0)]);
  }
}

function armCloud(life: Life, fault: FaultName): void {
  const { random, core } = life;
  // A cloud that hides a new object for longer than it promises cannot be told from one that lost it.
  if (fault === 'invisible' && life.profile.profile !== 'ec2') return;
  const id = core.arm({
    fault,
    times: random.between(1, 3),
    ms: fault === 'invisible' ? 500 : random.pick([100, 1_000, 4_000]),
    // A doubled request for a volume or an address attaches both: that is shown to a person, not mended here.
    match: {
      ...(random.chance(0.5) ? { probability: 0.3 } : { nth: random.between(1, 12) }),
      ...(fault === 'sent-twice' ? { kind: 'server' } : {}),
    },
  });
  const fired = (): number => core.faults().find(rule => rule.id === id)?.fired ?? 0;
  life.met.push(() => [`cloud ${FAULTS[fault].number} ${fault}`, fired()]);
}

export function heal(life: Life): void {
  life.isCalm = true;
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
  // An action that never ends is ended by nobody but the cloud.
  life.core.handle({ method: 'DELETE', path: '/admin/actions', headers: {}, body: '' }, life.ground.clock.now());
  life.ground.remote.heal();
  for (const machine of life.machines) machine.disk.heal();
}

export function happened(life: Life, name: string): void {
  life.met.push(() => [name, 1]);
}

export function firedIn(life: Life): Map<string, number> {
  const fired = new Map<string, number>();
  for (const met of life.met) {
    const [name, count] = met();
    if (count > 0) fired.set(name, (fired.get(name) ?? 0) + count);
  }
  return fired;
}

/** What happens around a process, and not to it. */
export function disturb(life: Life): void {
  const { random, ground, core } = life;
  const { clock, remote } = ground;
  if (random.chance(0.1)) {
    const machine = random.pick(life.machines);
    // Only where a repeated create does no harm: nobody can tell an outage of a day from a clock that was set.
    const ahead = life.profile.lagMs === undefined ? [3_600_000, 86_400_000] : [];
    machine.skewMs = random.pick([0, -3_600_000, -86_400_000, ...ahead]);
    if (machine.skewMs !== 0) happened(life, 'time F39 clock set');
  }
  if (random.chance(0.1)) {
    const met = (['look', 'push'] as const).map(on => ({ on, from: random.between(0, 3_000) }));
    const lastsMs = random.pick([5_000, 20_000, 90_000]);
    for (const { on, from } of met) {
      void clock.sleep(from).then(() => {
        if (life.isCalm) return;
        const count = remote.inject({ fault: 'down', on });
        life.met.push(() => ['git F41 cut off', count()]);
        void clock.sleep(lastsMs).then(remote.heal);
      });
    }
  }
  if (random.chance(0.1)) {
    const id = core.arm({ fault: 'request-lost', times: random.between(5, 40), match: { nth: random.between(1, 30) } });
    const fired = (): number => core.faults().find(rule => rule.id === id)?.fired ?? 0;
    life.met.push(() => ['cloud F42 cut off', fired()]);
  }
}

/** Now and then the process is asked to stop, or stands still for a while without anybody else being there. */
export function nuisance(life: Life): Pick<Turn, 'stops' | 'stall'> {
  const { random } = life;
  if (random.chance(0.1)) {
    const at = once(random);
    const stops = (point: Failpoint): boolean => {
      const now = at(point);
      if (now) happened(life, 'process F35 asked to stop');
      return now;
    };
    return { stops };
  }
  if (random.chance(0.1)) {
    return { stall: { at: once(random), ms: 30_000, begun: () => happened(life, 'process F38 stalled for 30 s') } };
  }
  return {};
}

/** Half of the processes meet it at a named point, the others at any point of their life. */
export function trap(random: Random): (point: Failpoint) => boolean {
  const point = random.pick(FAILPOINTS);
  let left = random.chance(0.5) ? random.between(1, 4) : random.between(1, 120);
  const any = left > 4;
  return at => (any || at === point) && --left <= 0;
}

export function once(random: Random): (point: Failpoint) => boolean {
  const at = trap(random);
  let met = false;
  return point => {
    if (met || !at(point)) return false;
    met = true;
    return true;
  };
}
