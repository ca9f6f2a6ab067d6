import { createHash } from 'node:crypto';
import { type CloudCore, createCloud } from '../../platform/demo-cloud/cloud.ts';
import { cloudFetch } from '../../platform/demo-cloud/fetch.ts';
import type { SettingsInput } from '../../platform/demo-cloud/settings.ts';
import { memoryDisk } from '../../platform/state/memory-disk.ts';
import { memoryRemote } from '../../platform/state/memory-remote.ts';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { virtualClock } from '../providers/virtual-clock.ts';
import type { Commit, Ground, Machine } from './machine.ts';
import type { Mutant } from './mutants.ts';
import { type Random, randomOf } from './random.ts';
import type { Shape } from './shapes.ts';

export interface Profile {
  readonly profile: 'hetzner' | 'ec2' | 'upcloud';
  /** Longest time in milliseconds that the cloud hides a new object, and by how much the program is told to allow for. */
  readonly lagMs?: number;
  readonly visibleAfterMs?: number;
}

/** How clouds keep two attempts of one create apart. `late`: by labels alone, which show up seconds later. */
export const PROFILES: { readonly [name: string]: Profile } = {
  hetzner: { profile: 'hetzner' },
  ec2: { profile: 'ec2' },
  upcloud: { profile: 'upcloud' },
  late: { profile: 'upcloud', lagMs: 3_000, visibleAfterMs: 5_000 },
};

const STRANGER = { size: 'small', image: 'debian-12', zone: 'fi-1' };

/** One workspace with its clouds, its remote and two machines. */
export interface Life {
  readonly seed: number;
  readonly random: Random;
  readonly shape: Shape;
  readonly profile: Profile;
  readonly core: CloudCore;
  /** A second cloud that nothing happens to. */
  readonly other: CloudCore;
  readonly ground: Ground;
  readonly machines: readonly Machine[];
  readonly crashes: Failpoint[];
  readonly reached: Set<Failpoint>;
  readonly violations: string[];
  readonly trace: string[];
  readonly met: (() => readonly [string, number])[];
  passes: number;
  /** Everything was healed: nothing goes wrong any more. */
  isCalm: boolean;
}

/** Everything before the first pass. */
export function begin(
  given: { readonly seed: number; readonly random: Random; readonly shape: Shape; readonly profile: string },
  broken: Mutant,
): Life {
  const { seed, random, shape } = given;
  const profile = PROFILES[given.profile] as Profile;
  const clock = virtualClock();
  const settings: SettingsInput = {
    profile: profile.profile,
    seed,
    latency: random.chance(0.5) ? { reads: [1, 40], writes: [20, 800] } : {},
    actionMs: random.chance(0.5) ? [100, 5_000] : 0,
    pageSize: random.pick([2, 5, 50]),
    ...(profile.lagMs === undefined ? {} : { readLagMs: profile.lagMs }),
  };
  const core = createCloud({ settings });
  const other = createCloud({ settings });
  const fetches = [cloudFetch(core, { clock }), cloudFetch(other, { clock })] as const;
  const fetch: Ground['fetch'] = (input, init) =>
    fetches[String(input).startsWith('http://other') ? 1 : 0](input, init);
  const remote = memoryRemote();
  remote.latencyMs = random.pick([0, 5, 80]);
  const hex = randomOf(seed ^ 0x5bd1e995);
  const randomHex = (count: number): string =>
    Array.from({ length: count }, () => hex.between(0, 255).toString(16).padStart(2, '0')).join('');
  const ground: Ground = {
    clock,
    remote: broken.remote?.(remote) ?? remote,
    fetch,
    randomHex,
    takes: [],
    seen: () => [core, other].map(cloud => cloud.ledger().length),
    ...(broken.ports === undefined ? {} : { broken: broken.ports }),
  };
  const machines = ['left', 'right'].map(name => ({ name, disk: memoryDisk(), skewMs: 0 }));
  const by = { method: 'POST', path: '/v1/servers', headers: {} };
  for (const name of shape.strangers) core.handle({ ...by, body: JSON.stringify({ name, ...STRANGER }) }, clock.now());
  const empty = {
    crashes: [],
    reached: new Set<Failpoint>(),
    violations: [],
    trace: [],
    met: [],
    passes: 0,
    isCalm: false,
  };
  return { seed, random, shape, profile, core, other, ground, machines, ...empty };
}

/** The files as one commit. */
export function commitOf(life: Life, infra: string): Commit {
  const encoder = new TextEncoder();
  const { profile, visibleAfterMs } = life.profile;
  const traits = { profile, ...(visibleAfterMs === undefined ? {} : { visibleAfterMs }) };
  const other = infra.includes('"provider":"other"')
    ? `\n  other: ${JSON.stringify({ driver: 'demo', url: 'http://other.invalid', ...traits })}`
    : '';
  const workspace = `name: sim\nreview: none\ndefaultProvider: demo\n${life.shape.settings}\nproviders:\n  demo: ${JSON.stringify(traits)}${other}\n`;
  const files = new Map([['workspace.yaml', encoder.encode(workspace)]]);
  if (infra !== '{}') files.set('infra/main.json', encoder.encode(infra));
  const sha = createHash('sha1').update(infra).digest('hex');
  return { sha, tree: sha, files };
}
