import { Fault } from '../../schemas/fault.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Draft } from './commit-log.ts';
import type { Fate } from './fate.ts';
import { type ChainParts, lookAt } from './parts.ts';
import { superseded } from './refusal.ts';
import { nextWithin, openSignal, type Signal } from './signal.ts';

/** Most checkpoints that are committed together. */
const GROUP = 500;

/** So many checkpoints in so long are few: each is then committed and pushed at once, so that others see it soon. */
const FEW = 20;
const FEW_WITHIN_MS = 2_000;

/** Brings drafts to the remote in the background: commits in groups, pushes that coalesce. */
export interface Carrier {
  add(drafts: readonly Draft[]): void;
  /** Resolves when the remote has everything up to the sequence. Throws Fault `locked` when superseded, `unavailable` when several attempts failed. */
  covered(sequence: number): Promise<void>;
  /** Sequence up to which the remote certainly has everything. */
  reached(): number;
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
}

interface Load {
  readonly parts: ChainParts;
  readonly fate: Fate;
  readonly epoch: number;
  readonly toCommit: Signal;
  readonly toPush: Signal;
  readonly stopping: Signal;
  readonly pending: Draft[];
  /** Monotonic times of the newest checkpoints, at most one more than are few. */
  readonly recent: number[];
  /** When the oldest pending one came. */
  since: number;
  /** Written here and not yet confirmed by the remote. */
  readonly unconfirmed: Map<Sha, Draft>;
  waiters: { readonly sequence: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
  written: Draft | null;
  /** The remote's head as far as we know. */
  remote: Sha;
  reached: number;
  /** Highest sequence that somebody waits for. */
  wanted: number;
  /** Attempts in a row that failed, of each loop. */
  readonly failures: { commit: number; push: number };
  stopped: boolean;
}

export function openCarrier(
  parts: ChainParts,
  fate: Fate,
  from: { readonly head: Sha; readonly epoch: number; readonly sequence: number },
): Carrier {
  const load = newLoad(parts, fate, from);
  const wake = (): void => {
    load.toCommit.raise();
    load.toPush.raise();
  };
  const loops = [commitLoop(load), pushLoop(load)].map(running =>
    running.catch((error: unknown) => {
      fate.end(error);
      load.stopped = true;
      rejectAll(load, error);
      wake();
    }),
  );
  return {
    add(drafts) {
      note(load, drafts.length);
      load.pending.push(...drafts);
      // While a group comes together, only a full one wakes the loop.
      if (load.pending.length === drafts.length || load.pending.length >= GROUP) load.toCommit.raise();
    },
    covered(sequence) {
      if (sequence <= load.reached) return Promise.resolve();
      if (load.stopped) return Promise.reject(fate.ended() ?? superseded(from.epoch));
      load.wanted = Math.max(load.wanted, sequence);
      const covered = new Promise<void>((resolve, reject) => load.waiters.push({ sequence, resolve, reject }));
      wake();
      return covered;
    },
    reached: () => load.reached,
    async stop() {
      load.stopped = true;
      load.stopping.raise();
      wake();
      await Promise.all(loops);
    },
  };
}

function newLoad(parts: ChainParts, fate: Fate, from: { head: Sha; epoch: number; sequence: number }): Load {
  return {
    parts,
    fate,
    epoch: from.epoch,
    toCommit: openSignal(),
    toPush: openSignal(),
    stopping: openSignal(),
    pending: [],
    recent: [],
    since: 0,
    unconfirmed: new Map(),
    waiters: [],
    written: null,
    remote: from.head,
    reached: from.sequence,
    wanted: 0,
    failures: { commit: 0, push: 0 },
    stopped: false,
  };
}

/** Remembers when checkpoints came. */
function note(load: Load, count: number): void {
  const now = load.parts.world.clock.monotonic();
  if (load.pending.length === 0) load.since = now;
  load.recent.push(...Array.from({ length: Math.min(count, FEW + 1) }, () => now));
  load.recent.splice(0, load.recent.length - FEW - 1);
}

/**
 * How long what is pending still waits for company. What somebody waits for does not wait, nor what comes alone; in a
 * stream, and at the very beginning, where more is certain to follow, a commit and a push for each would cost more than the work.
 */
function restMs(load: Load): number {
  const { world, timing } = load.parts;
  if (load.pending.length >= GROUP || load.wanted > (load.written?.sequence ?? 0)) return 0;
  const now = world.clock.monotonic();
  const isStream = load.recent.length > FEW && now - (load.recent[0] ?? now) < FEW_WITHIN_MS;
  return isStream || load.written === null ? load.since + timing.groupMs - now : 0;
}

async function commitLoop(load: Load): Promise<void> {
  const { world, log } = load.parts;
  while (!load.stopped) {
    if (load.pending.length === 0) {
      await load.toCommit.next();
      continue;
    }
    const pauseMs = restMs(load);
    if (pauseMs > 0) {
      await nextWithin(load.toCommit, world, pauseMs);
      continue;
    }
    load.since = world.clock.monotonic();
    const group = load.pending.slice(0, GROUP);
    await patiently(load, 'commit', async () => {
      await world.reach('commit.before');
      if (group.some(draft => draft.intends)) await world.reach('intent.commit.before');
      await log.write(group);
      await world.reach('commit.after');
      load.pending.splice(0, group.length);
      for (const draft of group) load.unconfirmed.set(draft.oid, draft);
      load.written = group.at(-1) ?? null;
      load.toPush.raise();
    });
  }
}

async function pushLoop(load: Load): Promise<void> {
  while (!load.stopped) {
    const target = load.written;
    if (target === null || target.sequence <= load.reached) await load.toPush.next();
    else await patiently(load, 'push', () => pushOnce(load, target));
  }
}

async function pushOnce(load: Load, target: Draft): Promise<void> {
  const { world, log, refs } = load.parts;
  const intends = [...load.unconfirmed.values()].some(draft => draft.intends);
  const sentAt = world.clock.monotonic();
  await world.reach('push.before');
  if (intends) await world.reach('intent.push.before');
  const result = await log.push({ ref: refs.state, from: load.remote, to: target.oid });
  if (result === 'done') confirm(load, target);
  else {
    // The ref is not where we left it: either an earlier push of ours arrived and its answer was lost, or a successor took over.
    const head = await lookAt(load.parts, refs.state);
    if (head === load.remote)
      throw new Fault('unavailable', { id: 'ST-PUSH', what: 'the remote did not take the push' });
    const arrived = head === null ? undefined : load.unconfirmed.get(head);
    if (arrived === undefined) throw superseded(load.epoch);
    confirm(load, arrived);
  }
  load.fate.confirm(sentAt);
  if (intends) await world.reach('intent.push.after');
  await world.reach('push.after');
}

function confirm(load: Load, arrived: Draft): void {
  load.remote = arrived.oid;
  load.reached = arrived.sequence;
  for (const [oid, draft] of load.unconfirmed) if (draft.sequence <= arrived.sequence) load.unconfirmed.delete(oid);
  const covered = load.waiters.filter(({ sequence }) => sequence <= load.reached);
  load.waiters = load.waiters.filter(({ sequence }) => sequence > load.reached);
  for (const { resolve } of covered) resolve();
}

/** Tries once; when the remote or the disk does not answer, those who wait are told after several attempts, and it goes on trying. */
async function patiently(load: Load, loop: 'commit' | 'push', step: () => Promise<void>): Promise<void> {
  try {
    await step();
    load.failures[loop] = 0;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unavailable') throw error;
    load.failures[loop] += 1;
    if (load.failures[loop] >= LIMITS.pushRetries) rejectAll(load, error);
    const pauseMs = load.parts.timing.retryMs * 2 ** Math.min(load.failures[loop] - 1, 5);
    await nextWithin(load.stopping, load.parts.world, load.stopped ? 0 : pauseMs);
  }
}

function rejectAll(load: Load, error: unknown): void {
  for (const { reject } of load.waiters.splice(0)) reject(error);
}
