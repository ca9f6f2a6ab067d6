import type { Failpoint } from '../../schemas/failpoint.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts';
import type { CallContext } from '../../schemas/provider.ts';
import type { World } from '../../schemas/world.ts';
import { LOADED } from '../providers/loaded.ts';
import type { GitSource } from '../../platform/git/port.ts';
import type { MemoryDisk } from '../../platform/state/memory-disk.ts';
import type { MemoryRemote } from '../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../platform/state/memory-state.ts';
import { pass } from '../../reconciler/pass.ts';
import type { Ports } from '../../reconciler/ports.ts';
import type { PassReport } from '../../reconciler/report.ts';
import type { VirtualClock } from '../providers/virtual-clock.ts';
import { sopsStore } from '../../platform/secrets/store.ts';

/** One machine of the simulation: its disk outlives its processes. */
export interface Machine {
  readonly name: string;
  readonly disk: MemoryDisk;
  /** By how many milliseconds its wall clock is wrong. */
  skewMs: number;
}

export interface Ground {
  readonly clock: VirtualClock;
  readonly remote: MemoryRemote;
  readonly fetch: CallContext['fetch'];
  randomHex(count: number): string;
  /** Which process became the writer, and after how many requests to each cloud: by right of the chain, nobody else may write from then on. */
  readonly takes: { readonly client: string; readonly after: readonly number[] }[];
  /** How many requests each cloud has seen. */
  seen(): readonly number[];
  /** Wraps the ports of a process for a deliberately broken build. */
  readonly broken?: (ports: Ports) => Ports;
}

/** What happens to a process while it makes its pass. */
export interface Turn {
  readonly commit: Commit;
  readonly dies: (point: Failpoint) => boolean;
  readonly torn: boolean;
  /** Where the process stands still, for how many milliseconds, and who is told. */
  readonly stall?: { readonly at: (point: Failpoint) => boolean; readonly ms: number; readonly begun: () => void };
  /** Where a person or the system asks the process to stop. */
  readonly stops?: (point: Failpoint) => boolean;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export type Ended = { readonly crashed: true } | { readonly crashed: false; readonly report: PassReport };

/** Time in milliseconds after which a pass that has not ended counts as stuck. */
const STUCK_MS = 6 * 3_600_000;

/**
 * Starts a process on a machine and makes one pass. The process dies where `dies` says so: from that moment nothing of
 * it answers any more, its unsynchronised bytes are gone, and what it had sent stays sent.
 */
export function runPass(ground: Ground, machine: Machine, turn: Turn): Promise<Ended> {
  const { clock } = ground;
  const process = machine.disk.process();
  const client = `${machine.name}-${process.number}`;
  const stop = new AbortController();
  let stillUntil = 0;
  /** A process that stands still hears nothing: whatever it waits for, it sees it when it wakes. */
  const awake = async (): Promise<void> => {
    while (clock.monotonic() < stillUntil) await clock.sleep(stillUntil - clock.monotonic());
  };
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    clock.sleep(STUCK_MS, over.signal).then(
      () => reject(new Error('a pass did not end within six hours')),
      () => {},
    );
    const end = (ended: Ended): void => {
      over.abort('ended');
      resolve(ended);
    };
    const reach = async (point: Failpoint): Promise<void> => {
      if (point === 'take.after') ground.takes.push({ client, after: ground.seen() });
      if (turn.stops?.(point) === true) stop.abort();
      if (turn.stall?.at(point) === true) {
        stillUntil = clock.monotonic() + turn.stall.ms;
        turn.stall.begun();
      }
      await awake();
      if (!turn.dies(point)) return;
      machine.disk.crash({ torn: turn.torn });
      end({ crashed: true });
      await new Promise(() => {});
    };
    const sleep: typeof clock.sleep = (ms, signal) => clock.sleep(ms, signal).finally(awake);
    const fetch: typeof ground.fetch = (input, init) => {
      const headers = { ...(init?.headers as { [name: string]: string }), 'x-provisioning-client': client };
      return ground.fetch(input, { ...init, headers }).finally(awake);
    };
    const mortal = process.mortal({ sleep, fetch, reach });
    const world: World = {
      clock: { now: () => clock.now() + machine.skewMs, monotonic: clock.monotonic, sleep: mortal.sleep },
      randomHex: ground.randomHex,
      reach: mortal.reach,
    };
    const ports = portsOf(ground, { machine, world, fetch: mortal.fetch, id: process.number, client });
    const { sha } = turn.commit;
    const target = {
      source: sourceOf(turn.commit),
      stateRemote: 'memory',
      prefix: '',
      env: null,
      revision: sha,
      follow: true,
    };
    const signals = { stop: stop.signal, abort: new AbortController().signal };
    const options = { actor: 'simulation', signals, progress: () => {}, waitMs: 300_000, shown: () => {} };
    pass(ground.broken?.(ports) ?? ports, target, options).then(report => end({ crashed: false, report }), reject);
  });
}

function portsOf(
  ground: Ground,
  own: {
    readonly machine: Machine;
    readonly world: World;
    readonly fetch: CallContext['fetch'];
    readonly id: number;
    readonly client: string;
  },
): Ports {
  const { machine, world } = own;
  const nowhere = (): never => {
    throw new Error('the simulation has no such port');
  };
  return {
    world,
    log: { write: () => {} },
    audit: {
      record: async () => ({}) as never,
      list: async () => [],
      verify: async () => ({ records: 0, head: '', problems: [] }),
    },
    home: '/',
    tool: 'simulation',
    holder: { id: own.client, host: machine.name, pid: own.id },
    fetch: own.fetch,
    providers: LOADED,
    engine: () => Promise.resolve({ isUsable: false, what: 'no engine here' }),
    images: { list: () => Promise.resolve([]), build: () => Promise.reject(new Error('no images here')) },
    mask: () => undefined,
    secretStore: sopsStore({
      environment: {},
      fetch: () => Promise.reject(new Error('nothing is asked')),
      folder: '/nowhere',
    }),
    openVault: () => Promise.reject(new Error('nobody changes secrets here')),
    openIssuer: () => Promise.reject(new Error('nobody issues anything here')),
    secrets: () => Promise.resolve(undefined),
    defaults: async () => ({ url: 'http://cloud.invalid' }),
    shelf: { keep: async () => {}, find: async () => null },
    stage: null,
    folders: { files: nowhere, absent: nowhere, writeNew: nowhere, ensureRepository: nowhere, readText: nowhere },
    load: async input => loadWorkspace(input),
    openMirror: nowhere,
    openLocal: nowhere,
    openReview: nowhere,
    openPlainForge: nowhere,
    services: () => Promise.resolve({}),
    openHost: nowhere,
    openDoor: null,
    openState: ({ workspace }) => openMemoryState({ remote: ground.remote, disk: machine.disk, workspace, world }),
  };
}

function sourceOf(commit: Commit): GitSource {
  const unused = (): never => {
    throw new Error('the simulation does not ask this');
  };
  return {
    url: 'memory',
    root: '/',
    fetch: async () => {},
    branches: unused,
    head: async () => commit.sha,
    resolve: async () => commit.sha,
    isAncestor: async () => true,
    snapshot: async () => ({ commit: commit.sha, tree: commit.tree, files: commit.files }),
    workspaces: async () => [''],
    remoteUrl: async () => 'memory',
    dirty: async () => [],
    worktree: unused,
  };
}
