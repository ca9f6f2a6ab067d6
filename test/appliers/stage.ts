import { setMaxListeners } from 'node:events';
import { type RunInput, type RunReport, runPlan } from '../../appliers/run.ts';
import { digestOf } from '../../planner/digest.ts';
import { memoryDisk, type MemoryDisk } from '../../platform/state/memory-disk.ts';
import { memoryRemote, type MemoryRemote } from '../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../platform/state/memory-state.ts';
import type { RecordedObject } from '../../schemas/checkpoint.ts';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { type Address, kindOf } from '../../schemas/name.ts';
import type { Change, Plan } from '../../schemas/plan.ts';
import type { ProgressEvent } from '../../schemas/progress.ts';
import { type Connection, type KindCapability, type Observed, pinned } from '../../schemas/provider.ts';
import type { StateWriter, WorkspaceState } from '../../schemas/state.ts';
import type { World } from '../../schemas/world.ts';
import { type VirtualClock, virtualClock, worldOn } from '../providers/virtual-clock.ts';
import { type ScriptCloud, scriptCloud } from './script-cloud.ts';

const ZERO = '0'.repeat(64);

/** One change in few words: `change('create server/b', { needs: ['create server/a'] })`. */
export function change(key: string, more: Partial<Change> = {}): Change {
  const [action, address] = key.split(' ') as [Change['action'], Address];
  const isGone = action === 'delete' || action === 'forget';
  return {
    key,
    action,
    address,
    kind: kindOf(address),
    provider: 'cloud',
    before: null,
    after: isGone ? null : {},
    fields: [],
    needs: [],
    risk: 'create',
    inverse: { action: null, reversible: 'yes', loses: [] },
    why: 'a test asks for it',
    ...more,
  };
}

export function planOf(changes: readonly Change[]): Plan {
  return {
    format: 1,
    purpose: 'apply',
    workspace: 'shop',
    commit: 'c'.repeat(40),
    tree: 'd'.repeat(40),
    lineage: '0123456789ab',
    base: 'e'.repeat(40),
    tool: 'test',
    policy: ZERO,
    observed: ZERO,
    options: { targets: [], excludes: [], destroy: false, allowDeletes: null },
    changes: [...changes],
    findings: [],
    counts: { create: 0, update: 0, replace: 0, delete: 0, adopt: 0, forget: 0, unchanged: 0 },
    risk: 'create',
    price: null,
    changesDigest: ZERO,
    digest: digestOf(changes.map(({ key }) => key)),
  };
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly cloud: ScriptCloud;
  readonly remote: MemoryRemote;
  readonly disk: MemoryDisk;
  readonly events: ProgressEvent[];
  readonly stop: AbortController;
  readonly abort: AbortController;
  /** Becomes the writer of the workspace on a machine. */
  take(
    disk?: MemoryDisk,
    ways?: { readonly reach?: World['reach']; readonly sleep?: World['clock']['sleep'] },
  ): Promise<{ readonly store: WorkspaceState; readonly writer: StateWriter }>;
  input(writer: StateWriter, plan: Plan, more?: Partial<RunInput>): RunInput;
  /** Takes, runs and releases. */
  run(plan: Plan, more?: Partial<RunInput>): Promise<RunReport>;
  /** Records objects as if a former run had made them; each exists in the cloud too. */
  made(
    ...addresses: readonly (Address | readonly [Address, NonNullable<Change['after']>])[]
  ): Promise<readonly Observed[]>;
  /** Runs, or goes on with the recorded run, until a named point is met, and there kills the process: nothing of it goes on. True when it died. */
  dieAt(point: Failpoint, plan: Plan, options?: { readonly nth?: number; readonly torn?: boolean }): Promise<boolean>;
  recorded(): Promise<ReadonlyMap<string, RecordedObject>>;
}

export interface StageOptions {
  readonly durationMs?: (about: string, call: string) => number;
  readonly capability?: KindCapability;
  readonly visibleAfterMs?: number;
  readonly limits?: RunInput['limits'];
}

const CAPABLE: KindCapability = { idempotency: 'label-scan', visibleAfterMs: 0 };

/** A virtual clock, a scripted cloud, and the real chain over a simulated remote and disk. */
export function openStage(options: StageOptions = {}): Stage {
  const clock = virtualClock();
  const cloud = scriptCloud(clock, options);
  const remote = memoryRemote();
  const disk = memoryDisk();
  const events: ProgressEvent[] = [];
  const stop = new AbortController();
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  let runs = 0;
  const stage: Stage = {
    clock,
    cloud,
    remote,
    disk,
    events,
    stop,
    abort,
    async take(on = disk, { reach = async () => {}, sleep = clock.sleep } = {}) {
      const process = on.process();
      const mortal = process.mortal({ sleep, reach });
      const world = {
        ...worldOn(clock),
        clock: { ...clock, sleep: mortal.sleep },
        reach: mortal.reach,
        randomHex: random,
      };
      const store = openMemoryState({ remote, disk: on, workspace: 'shop', world });
      const id = `holder-${process.number}`;
      const writer = await store.take({ id, host: 'here', pid: process.number }, { waitMs: 120_000 });
      return { store, writer };
    },
    input(writer, plan, more = {}) {
      runs += 1;
      const world = { ...worldOn(clock), randomHex: random };
      return {
        plan,
        runId: `run-${runs}`,
        writer,
        connection: () => cloud.connection,
        capability: () => options.capability ?? CAPABLE,
        context: { world, signal: abort.signal, fetch: globalThis.fetch, timeoutMs: 10_000 },
        limits: options.limits ?? { parallel: 10, perProvider: 10 },
        signals: { stop: stop.signal, abort: abort.signal },
        held: () => false,
        progress: event => void events.push(event),
        approvedBy: null,
        rollbackOf: null,
        ...more,
      };
    },
    async run(plan, more) {
      const { writer } = await stage.take();
      try {
        return await runPlan(stage.input(writer, plan, more));
      } finally {
        await writer.close({ release: true });
      }
    },
    async made(...wanted) {
      const objects = wanted.map(one => (typeof one === 'string' ? ([one, {}] as const) : one));
      await stage.run(planOf(objects.map(([address, spec]) => change(`create ${address}`, { after: spec }))));
      return objects.map(
        ([address]) => [...cloud.objects.values()].find(object => object.owner?.address === address) as Observed,
      );
    },
    async dieAt(point, plan, { nth = 1, torn = false } = {}) {
      let left = nth;
      let died: (is: boolean) => void = () => {};
      const dead = new Promise<boolean>(resolve => {
        died = resolve;
      });
      const reach: World['reach'] = async at => {
        if (at !== point || --left > 0) return;
        disk.crash({ torn });
        died(true);
        await new Promise(() => {});
      };
      const live = async (): Promise<boolean> => {
        const { writer } = await stage.take(disk, { reach });
        const process = disk.process();
        const mortal = process.mortal({ reach, sleep: clock.sleep });
        const run = writer.recorded.run;
        const input = stage.input(writer, plan, run === null ? {} : { runId: run.id });
        const world = { ...input.context.world, reach: mortal.reach, clock: { ...clock, sleep: mortal.sleep } };
        const { account, ...calls } = cloud.connection;
        const connection: Connection = { account, ...process.mortal(calls) };
        await runPlan({ ...input, connection: () => connection, context: { ...input.context, world } });
        await writer.close({ release: true });
        return false;
      };
      return Promise.race([dead, live()]);
    },
    async recorded() {
      const world = worldOn(clock);
      return (await openMemoryState({ remote, disk: memoryDisk(), workspace: 'shop', world }).read()).objects;
    },
  };
  return stage;
}

let drawn = 0;
/** Every value is another one, over all stages: operation ids must never meet. */
function random(count: number): string {
  drawn += 1;
  return drawn
    .toString(16)
    .padStart(count * 2, '0')
    .slice(-count * 2);
}

/** The digest a plan pins of an observed object. */
export function pinOf(object: Observed): string {
  return digestOf(pinned(object));
}
