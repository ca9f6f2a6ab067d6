import type { GitSource } from '../platform/git/port.ts';
import { asFault } from '../schemas/fault.ts';
import type { Sha } from '../schemas/name.ts';
import { discover, type Selection } from './discover.ts';
import { pass, type PassOptions } from './pass.ts';
import type { Hints, Ports } from './ports.ts';
import { openQueue, type Queue } from './queue.ts';
import type { PassReport } from './report.ts';
import { relate, targetKey, waitsForOthers } from './relations.ts';
import { attend } from './review/attend.ts';
import type { ReviewContext } from './review/context.ts';
import { openPullWatch, pullKey, pullNumber } from './review/pull-watch.ts';
import type { Target } from './target.ts';

export interface WatchOptions extends PassOptions {
  readonly source: GitSource;
  readonly stateRemote: string;
  readonly branch: string;
  readonly selection: Selection;
  /** Milliseconds between two looks at the remote's head. */
  readonly pollMs: number;
  /** Workspaces worked on at once. */
  readonly parallel: number;
  readonly reported: (report: PassReport) => void;
  /** Reviews on the Git host; null where approvals are recorded in the state chain alone. */
  readonly review: ReviewContext | null;
  /** Hints from outside, such as webhooks: they only make the next look come sooner. */
  readonly hints: Hints | null;
}

/** Longest pause between two attempts when the remote, a workspace or a pull request keeps failing. */
const BACKOFF_MS = 300_000;

/** Pause before a pull request that could not be looked after is looked at again; doubled with each failure in a row. */
const RETRY_MS = 1_000;

interface Watched {
  target: Target;
  failures: number;
  /** Monotonic time at which the next look for drift, or the next attempt after a failure, is due. */
  dueAt: number;
  /** Keys of the workspaces that it reads, and of those that read it. */
  upstream: readonly string[];
  downstream: readonly string[];
  /** Its last pass was refused because another workspace had not let go yet. */
  waits: boolean;
}

/** Keys of those that a run of this one may concern: they read its outputs, or wait for others to let go. */
function concernedBy(key: string, watched: ReadonlyMap<string, Watched>): readonly string[] {
  const waiting = [...watched].filter(([other, { waits }]) => waits && other !== key).map(([other]) => other);
  return [...(watched.get(key)?.downstream ?? []), ...waiting];
}

/**
 * Follows a branch until it is told to stop. The newest head always wins: what is queued is the workspace or the pull
 * request, never the event, so lost, doubled and late hints change nothing but the delay.
 */
export async function watch(ports: Ports, options: WatchOptions): Promise<void> {
  const watched = new Map<string, Watched>();
  const pulls = openPullWatch(options.review);
  const failed = new Map<string, number>();
  // The event that asked for it is spent, and the next poll may be hours away.
  const retry = (key: string): void => {
    const count = failed.get(key) ?? 0;
    failed.set(key, count + 1);
    void pause(ports, backoff(ports, RETRY_MS, count), options.signals.stop).then(() => queue.hint(key));
  };
  const work = async (key: string): Promise<void> => {
    if (options.signals.stop.aborted) return;
    try {
      const number = pullNumber(key);
      if (number !== null) {
        const known = await pulls.look(number);
        if (known === 'failed') return retry(key);
        failed.delete(key);
        for (const other of known) queue.hint(other);
        return;
      }
      const report = await turn(ports, watched.get(key), options);
      if (report === null) return;
      if (report.run !== null) for (const other of concernedBy(key, watched)) queue.hint(other);
      for (const known of await pulls.concerned(report)) queue.hint(known);
    } catch (error) {
      // One that goes wrong must not end the watch over all others: it is looked at again with the next change or poll.
      const fault = asFault(error);
      ports.log.write('error', 'something was given up', { key, what: fault.problems[0]?.what ?? fault.code });
    }
  };
  const queue = openQueue(work, { parallel: options.parallel, after: key => watched.get(key)?.upstream ?? [] });
  const nap = openNap(ports, options.signals.stop);
  options.hints?.listen(pull => {
    if (pull !== null) queue.hint(pullKey(pull));
    nap.end();
  });
  let head: Sha | null = null;
  let failures = 0;
  while (!options.signals.stop.aborted) {
    try {
      const newest = await options.source.head(options.branch);
      const moved = newest !== null && newest !== head;
      if (moved) await follow(ports, options, { newest, watched, queue });
      for (const key of await pulls.changed(moved)) queue.hint(key);
      head = newest;
      failures = 0;
    } catch (error) {
      failures += 1;
      const fault = asFault(error);
      ports.log.write('warning', 'cannot read the repository', {
        what: fault.problems[0]?.what ?? fault.code,
        failures,
      });
    }
    hintDue(ports, watched, queue);
    await nap.take(backoff(ports, options.pollMs, failures));
  }
  await queue.idle();
}

/** A pause that a hint ends early. A hint that comes while nobody rests makes the next pause end at once. */
function openNap(ports: Ports, stop: AbortSignal) {
  let waking = new AbortController();
  return {
    end: () => waking.abort('hinted'),
    async take(ms: number): Promise<void> {
      await pause(ports, ms, AbortSignal.any([stop, waking.signal]));
      if (waking.signal.aborted) waking = new AbortController();
    },
  };
}

async function follow(
  ports: Ports,
  options: WatchOptions,
  found: { readonly newest: Sha; readonly watched: Map<string, Watched>; readonly queue: Queue },
): Promise<void> {
  await options.source.fetch();
  const at = { commit: found.newest, stateRemote: options.stateRemote, follow: true };
  const relations = await relate(ports, await discover(options.source, at, options.selection));
  for (const target of relations.ordered) {
    const key = targetKey(target);
    const upstream = relations.upstream(target).map(targetKey);
    const downstream = relations.downstream(target).map(targetKey);
    const known = found.watched.get(key);
    if (known === undefined)
      found.watched.set(key, { target, failures: 0, dueAt: 0, upstream, downstream, waits: false });
    else Object.assign(known, { target, failures: 0, upstream, downstream });
  }
  for (const target of relations.ordered) found.queue.hint(targetKey(target));
}

function hintDue(ports: Ports, watched: ReadonlyMap<string, Watched>, queue: Queue): void {
  const now = ports.world.clock.monotonic();
  for (const [key, entry] of watched) {
    if (entry.dueAt <= now) {
      entry.dueAt = now + BACKOFF_MS;
      queue.hint(key);
    }
  }
}

const SETTLED: readonly PassReport['status'][] = ['in-sync', 'applied', 'resumed', 'waiting', 'held'];

async function turn(ports: Ports, entry: Watched | undefined, options: WatchOptions): Promise<PassReport | null> {
  if (entry === undefined) return null;
  const { review } = options;
  const report =
    review === null ? await pass(ports, entry.target, options) : await attend(review, entry.target, options);
  const settled = SETTLED.includes(report.status);
  entry.waits = waitsForOthers(report);
  entry.failures = settled ? 0 : entry.failures + 1;
  const interval = driftMs(report) ?? BACKOFF_MS;
  const waitMs = settled ? interval : Math.min(interval, backoff(ports, options.pollMs, entry.failures));
  entry.dueAt = ports.world.clock.monotonic() + waitMs;
  options.reported(report);
  return report;
}

function driftMs(report: PassReport): number | null {
  return report.driftEverySeconds === null ? null : report.driftEverySeconds * 1_000;
}

/** Doubles with each failure, up to the cap, with up to a quarter of jitter so that many nodes do not knock together. */
function backoff(ports: Ports, pollMs: number, failures: number): number {
  const base = Math.min(BACKOFF_MS, pollMs * 2 ** Math.min(failures, 16));
  return base + (failures === 0 ? 0 : (base * (Number.parseInt(ports.world.randomHex(1), 16) / 255)) / 4);
}

async function pause(ports: Ports, ms: number, stop: AbortSignal): Promise<void> {
  try {
    await ports.world.clock.sleep(ms, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
