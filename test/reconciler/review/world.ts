import { createCloud, type CloudCore } from '../../../platform/demo-cloud/cloud.ts';
import { cloudFetch } from '../../../platform/demo-cloud/fetch.ts';
import { type MemoryDisk, memoryDisk } from '../../../platform/state/memory-disk.ts';
import { memoryRemote } from '../../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../../platform/state/memory-state.ts';
import { LOADED } from '../../providers/loaded.ts';
import type { Ports } from '../../../reconciler/ports.ts';
import type { PassReport } from '../../../reconciler/report.ts';
import type { ReviewContext } from '../../../reconciler/review/context.ts';
import { round } from '../../../reconciler/review/round.ts';
import type { Failpoint } from '../../../schemas/failpoint.ts';
import { Fault } from '../../../schemas/fault.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import type { ReviewRecord, ReviewStore, ReviewView } from '../../../schemas/review.ts';
import type { World } from '../../../schemas/world.ts';
import { virtualClock } from '../../providers/virtual-clock.ts';
import { memoryForge, type MemoryForge } from './memory-forge.ts';
import { memoryGit, type MemoryGit } from './memory-git.ts';
import { sopsStore } from '../../../platform/secrets/store.ts';

/** A repository with its host, its clouds and any number of processes that review it, all in memory and on a virtual clock. */
export interface ReviewWorld {
  readonly git: MemoryGit;
  readonly forge: MemoryForge;
  readonly cloud: CloudCore;
  readonly records: Map<number, { readonly record: ReviewRecord; readonly version: string }>;
  readonly clock: ReturnType<typeof virtualClock>;
  /** Requests to the cloud that a process sent since the last look. */
  requests(): number;
  /** One round by a fresh process; `dies` ends it where it says so. */
  round(how?: { readonly dies?: (point: Failpoint) => boolean }): Promise<Ended>;
  context(reach?: World['reach'], disk?: MemoryDisk): ReviewContext;
  /** Real names of servers that exist now, sorted. */
  servers(): readonly string[];
}

export interface Ended {
  readonly isDead: boolean;
  readonly reviews: readonly ReviewView[];
  readonly passes: readonly PassReport[];
}

export function reviewWorld(): ReviewWorld {
  const git = memoryGit();
  const forge = memoryForge(git);
  const clock = virtualClock();
  const cloud = createCloud({ settings: { profile: 'hetzner', seed: 1 } });
  const remote = memoryRemote();
  const disk = memoryDisk();
  const records: ReviewWorld['records'] = new Map();
  let versions = 0;
  let hex = 1;
  let asked = 0;
  const store: ReviewStore = {
    read: async pull => records.get(pull) ?? null,
    async write(record, version) {
      const known = records.get(record.pull);
      if ((known?.version ?? null) !== version) throw new Fault('locked', { id: 'RV-MOVED', what: 'moved' });
      if (known !== undefined && JSON.stringify(known.record) === JSON.stringify(record)) return known.version;
      versions += 1;
      records.set(record.pull, { record: structuredClone(record), version: String(versions) });
      return String(versions);
    },
    async closedBefore(timeMs) {
      const old = [...records].filter(([, { record }]) => record.isClosed && (record.closedAt ?? timeMs) < timeMs);
      return old.map(([pull, { version }]) => ({ pull, version }));
    },
    async forget(reviews) {
      const same = reviews.filter(({ pull, version }) => records.get(pull)?.version === version);
      for (const { pull } of same) records.delete(pull);
      return same.length;
    },
    open: async () => [...records.values()].filter(({ record }) => !record.isClosed).map(({ record }) => record.pull),
  };
  const nowhere = (): never => {
    throw new Error('this world has no such port');
  };
  const context: ReviewWorld['context'] = (reach = async () => {}, own = disk) => {
    const process = own.process();
    const randomHex = (count: number): string => {
      hex += 1;
      return (hex * 2_654_435_761)
        .toString(16)
        .padStart(count * 2, '0')
        .slice(-count * 2);
    };
    const world: World = { clock, randomHex, reach };
    const fetch = cloudFetch(cloud, { clock });
    const ports: Ports = {
      world,
      log: { write: () => {} },
      audit: { record: async () => ({}) as never, list: async () => [], verify: nowhere },
      home: '/',
      tool: 'test',
      holder: { id: `holder-${process.number}`, host: 'here', pid: process.number },
      fetch: (input, init) => {
        asked += 1;
        return fetch(input, init);
      },
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
      openState: ({ workspace }) => openMemoryState({ remote, disk: own, workspace, world }),
    };
    return {
      ports,
      forge,
      git: git.review,
      store,
      source: git.source,
      stateRemote: 'memory',
      branch: 'main',
      selection: { workspaces: [], env: null },
      signals: { stop: new AbortController().signal, abort: new AbortController().signal },
    };
  };
  return {
    git,
    forge,
    cloud,
    records,
    clock,
    context,
    requests() {
      const count = asked;
      asked = 0;
      return count;
    },
    servers: () =>
      cloud
        .objects()
        .filter(object => object.kind === 'server')
        .map(object => `${object.name}:${String(object.fields['size'])}`)
        .sort(),
    round: (how = {}) =>
      new Promise((resolve, reject) => {
        const reach = async (point: Failpoint): Promise<void> => {
          if (how.dies?.(point) !== true) return;
          disk.crash();
          resolve({ isDead: true, reviews: [], passes: [] });
          await new Promise(() => {});
        };
        const ctx = context(reach);
        const options = { actor: 'test', signals: ctx.signals, progress: () => {}, waitMs: 300_000, shown: () => {} };
        round(ctx, options).then(({ reviews, passes }) => resolve({ isDead: false, reviews, passes }), reject);
      }),
  };
}
