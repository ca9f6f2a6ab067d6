import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localEngine } from '../../../platform/containers/engine.ts';
import { socketOf, withSockets } from '../../../platform/containers/unix-fetch.ts';
import { MEMO, objectIn } from '../../../providers/local/labels.ts';
import { local } from '../../../providers/local/index.ts';
import { LABEL } from '../../../schemas/owner.ts';
import type { Spec } from '../../../schemas/resource.ts';
import type { Gaps } from '../contract.ts';
import type { ContractWorld, TrueObject } from '../contract/world.ts';
import { noSecrets } from '../no-secrets.ts';
import { type VirtualClock, worldOn } from '../virtual-clock.ts';
import { engineFaults } from './engine-faults.ts';

/** What a real engine is not asked: it carries out each request at once, and nobody limits or counts them. */
export const ENGINE_GAPS: Gaps = {
  missing: ['placement-group', 'floating-ip', 'load-balancer', 'taskserv.postgres'],
  virtual: ['ssh-key', 'firewall'],
  actions: 'at-once',
  faults: [
    'capacity',
    'half-done',
    'invisible',
    'locked',
    'page-gap',
    'page-repeat',
    'quota',
    'rate-limited',
    'still-listed',
    'token-expired',
    'unavailable-503',
    'unknown-words',
  ],
};

/** Longest time in milliseconds for one request, unless a test says otherwise. */
const TIMEOUT_MS = 4_000;

/** What only waits for a cloud that shows its writes late is not waited for. */
const SETTLE_MS = 1_000;

/** Everything of a test carries this, or one of the lineages of the contract. */
const MARK = 'provisioning.contract';
const LINEAGES = ['abcdef012345', '999999999999'];

type Labels = { readonly [key: string]: string };

/** A real engine, asked past the provider, one request after the other. */
interface Engine {
  readonly url: string;
  ask(method: string, path: string, body?: unknown): unknown;
}

let opened: Promise<Engine> | undefined;

async function openEngine(): Promise<Engine> {
  const home = mkdtempSync(join(tmpdir(), 'provisioning-contract-'));
  const { url = '', trouble } = await localEngine({ home, environment: process.env });
  const socket = socketOf(url);
  if (socket === undefined) throw new Error(trouble ?? 'there is no engine');
  const ask: Engine['ask'] = (method, path, body) => {
    const json = ['-H', 'content-type: application/json', '--data-binary', '@-'];
    const args = ['-sS', '--unix-socket', socket, '-X', method, ...(body === undefined ? [] : json)];
    const input = body === undefined ? {} : { input: JSON.stringify(body) };
    const ran = spawnSync('curl', [...args, `http://engine/v1.40${path}`], { encoding: 'utf8', ...input });
    return ran.stdout === '' ? null : JSON.parse(ran.stdout);
  };
  return { url, ask };
}

/** A clock that is real but for what is only settled. */
function patientClock(): VirtualClock {
  let ahead = 0;
  const real = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
  return {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    waiting: () => 0,
    advance: async ms => void (ahead += ms),
    sleep: async ms => {
      if (ms <= SETTLE_MS) return real(ms);
      ahead += ms;
    },
  };
}

/** Real time for the deadlines of requests. */
const REAL: VirtualClock = {
  ...patientClock(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

/** Podman of this machine as the contract of all providers wants a cloud. */
export function engineWorld(): ContractWorld {
  const clock = patientClock();
  let engine: Engine | undefined;
  const there = (): Engine => {
    if (engine === undefined) throw new Error('nobody connected');
    return engine;
  };
  const faults = engineFaults(withSockets(globalThis.fetch));
  let ranges = 0;
  return {
    clock,
    secret: 'engine-secret-7b1e',
    pageSize: Number.POSITIVE_INFINITY,
    isAtOnce: true,
    words: {
      size: 'small',
      biggerSize: 'medium',
      balancerSize: '',
      biggerBalancerSize: '',
      image: 'debian-12',
      zone: 'local',
    },
    lacks: { server: ['placementGroup', 'userData'] },
    capability: kind => local.capability(kind, {}),
    async connect(ctx) {
      opened ??= openEngine();
      engine = await opened;
      wipe(engine);
      return local.connect(ctx, { url: engine.url, key: 'c'.repeat(64), machine: 'contract' }, noSecrets);
    },
    context: (over = {}) => ({
      world: worldOn(REAL, over.reach),
      signal: over.signal ?? new AbortController().signal,
      fetch: faults.fetch,
      timeoutMs: over.timeoutMs ?? TIMEOUT_MS,
    }),
    truth: () => truthOf(there()),
    writes: faults.writes,
    supports: fault => !ENGINE_GAPS.faults?.includes(fault),
    arm: faults.arm,
    slow: faults.slow,
    actionsTake() {},
    tamper(id, labels) {
      const current = piecesOf(there()).find(piece => piece.id === id);
      const merged = Object.entries({ ...current?.told, ...labels }).filter(([, value]) => value !== null);
      const text = JSON.stringify(Object.fromEntries(merged));
      const turn = String((current?.turn ?? 0) + 1);
      const Labels = { [MEMO.of]: id, [MEMO.turn]: turn, [MEMO.labels]: text };
      there().ask('POST', '/volumes/create', { Name: `provisioning-labels.${id.slice(0, 64)}.${turn}`, Labels });
    },
    foreign: (kind, name, spec, labels) => {
      const own = { ...labels, [MARK]: kind };
      const made = { kind, name, spec, labels: own, nth: kind === 'network' ? (ranges += 1) : 0 };
      return foreignObject(there(), made);
    },
    vanish(id) {
      for (const piece of piecesOf(there())) if (piece.id === id) there().ask('DELETE', piece.path);
    },
  };
}

interface Raw {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Labels of its creation with those that were written later. */
  readonly all: Labels;
  /** The labels that count. */
  readonly told: Labels;
  readonly turn: number;
}

interface Told {
  readonly Id: string;
  readonly Name: string;
  readonly Names: readonly string[];
  readonly Labels: Labels | null;
}

/** Everything that belongs to a test. */
function piecesOf(engine: Engine): readonly Raw[] {
  const { ask } = engine;
  const containers = ask('GET', '/containers/json?all=1') as readonly Told[];
  const networks = ask('GET', '/networks') as readonly Told[];
  const volumes = volumesOf(engine);
  const notes = volumes.filter(({ Labels }) => Labels?.[MEMO.of] !== undefined);
  const raw = (kind: string, id: string, name: string, path: string, labels: Labels | null): Raw => {
    const [newest] = notes
      .filter(({ Labels }) => Labels?.[MEMO.of] === id)
      .sort((a, b) => Number(b.Labels?.[MEMO.turn]) - Number(a.Labels?.[MEMO.turn]));
    const told = newest === undefined ? (labels ?? {}) : (objectIn(newest.Labels?.[MEMO.labels]) as Labels);
    return { kind, id, name, path, all: { ...labels, ...told }, turn: Number(newest?.Labels?.[MEMO.turn] ?? 0), told };
  };
  return [
    ...containers.map(({ Id, Names, Labels }) =>
      raw('server', Id, Names[0]?.replace(/^\//, '') ?? '', `/containers/${Id}?force=1&v=1`, Labels),
    ),
    ...networks.map(({ Id, Name, Labels }) => raw('network', Id, Name, `/networks/${Id}`, Labels)),
    ...volumes
      .filter(volume => !notes.includes(volume))
      .map(({ Name, Labels }) => raw(kindOfVolume(Labels), Name, Name, `/volumes/${Name}`, Labels)),
  ].filter(({ all }) => all[MARK] !== undefined || LINEAGES.includes(all[LABEL.lineage] ?? ''));
}

function kindOfVolume(labels: Labels | null): string {
  return labels?.[MEMO.kind] === 'subnet' ? 'subnet' : 'volume';
}

function wipe(engine: Engine): void {
  for (const kind of ['server', 'volume', 'subnet', 'network'])
    for (const piece of piecesOf(engine)) if (piece.kind === kind) engine.ask('DELETE', piece.path);
  // Names of volumes are the same in every test, and so are those of what is written of them.
  for (const { Name, Labels } of volumesOf(engine))
    if (LINEAGES.some(lineage => Labels?.[MEMO.labels]?.includes(lineage) === true))
      engine.ask('DELETE', `/volumes/${Name}`);
}

function volumesOf({ ask }: Engine): readonly Told[] {
  return (ask('GET', '/volumes') as { readonly Volumes: readonly Told[] | null }).Volumes ?? [];
}

const OWNERSHIP: ReadonlySet<string> = new Set(Object.values(LABEL));

/** Without what an engine or the provider remembers on objects besides whose they are. */
function truthOf(engine: Engine): readonly TrueObject[] {
  // An engine lists in whatever order.
  const pieces = piecesOf(engine).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return pieces.map(({ kind, id, name, told }) => {
    const own = Object.entries(told).filter(
      ([key]) => !key.startsWith('provisioning.') && (!key.startsWith('provisioning/') || OWNERSHIP.has(key)),
    );
    return { kind, id, name, labels: Object.fromEntries(own) };
  });
}

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly spec: Spec;
  readonly labels: Labels;
  readonly nth: number;
}

/** Made as by somebody else, past the provider. */
function foreignObject({ ask }: Engine, { kind, name, spec, labels, nth }: Made): string {
  if (kind === 'network') {
    const range = nth === 1 ? spec['ipRange'] : `10.${nth}.0.0/16`;
    const body = { Name: name, Driver: 'bridge', Labels: labels, IPAM: { Config: [{ Subnet: range }] } };
    return idIn(ask('POST', '/networks/create', body));
  }
  if (kind !== 'server') {
    const memo = kind === 'subnet' ? { [MEMO.kind]: kind, [MEMO.spec]: JSON.stringify(spec) } : {};
    const made = ask('POST', '/volumes/create', { Name: name, Labels: { ...labels, ...memo } });
    return (made as { readonly Name: string }).Name;
  }
  const { DockerRootDir } = ask('GET', '/info') as { readonly DockerRootDir: string };
  const id = idIn(
    ask('POST', `/containers/create?name=${name}`, {
      Image: 'localhost/provisioning-host:debian-12',
      Cmd: ['/sbin/init'],
      Labels: labels,
      HostConfig: {
        NetworkMode: 'none',
        CapAdd: ['SYS_ADMIN'],
        Binds: [`${DockerRootDir}/volumes:/var/lib/provisioning-volumes:ro`],
      },
    }),
  );
  ask('POST', `/containers/${id}/start`);
  return id;
}

function idIn(made: unknown): string {
  const { Id } = made as { readonly Id?: string };
  if (Id === undefined) throw new Error(`the engine made nothing: ${JSON.stringify(made)}`);
  return Id;
}
