import { showText } from '../schemas/problem.ts';
import type { ProgressEvent } from '../schemas/progress.ts';

/** A change that is being made. */
export interface Running {
  readonly key: string;
  readonly since: number;
  /** Why it waits, when it does. */
  readonly note: string;
}

/** Where a run stands: the sum of its events. */
export interface Tally {
  readonly open: boolean;
  readonly settled: number;
  readonly total: number;
  /** Done by a former process: they say nothing about how fast this one is. */
  readonly already: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly running: readonly Running[];
}

export const NO_TALLY: Tally = { open: false, settled: 0, total: 0, already: 0, startedAt: 0, running: [] };

type ChangeEvent = Extract<ProgressEvent, { event: 'change' }>;

/** The tally after an event; the same one for an event that is unknown. `now` is monotonic milliseconds. */
export function tallyOf(tally: Tally, event: ProgressEvent, now: number): Tally {
  switch (event.event) {
    case 'run-begun':
      return {
        open: true,
        settled: event.already,
        total: event.changes,
        already: event.already,
        startedAt: now,
        running: [],
      };
    case 'change':
      return { ...tally, settled: event.settled, total: event.total, running: runningAfter(tally.running, event, now) };
    case 'run-ended':
      return NO_TALLY;
    default:
      return tally;
  }
}

function runningAfter(running: readonly Running[], event: ChangeEvent, now: number): readonly Running[] {
  const others = running.filter(change => change.key !== event.key);
  if (isEnd(event)) return others;
  const since = running.find(change => change.key === event.key)?.since ?? now;
  const retry = event.retryMs === undefined ? '' : `again in ${seconds(event.retryMs)}`;
  const note =
    event.state === 'started' ? '' : [retry, showText(event.why ?? '')].filter(part => part !== '').join(': ');
  return [...others, { key: event.key, since, note }];
}

function isEnd({ state }: ChangeEvent): boolean {
  return state === 'done' || state === 'failed' || state === 'skipped';
}

const SIGNS: { readonly [state: string]: string } = { done: '✓', failed: '✗', skipped: '-', retrying: '↻' };

/** One line that stays, for what is worth one; null for everything else. */
export function lineOf(event: ProgressEvent): string | null {
  if (event.event === 'run-begun') {
    const already = event.already === 0 ? '' : `, ${event.already} already done`;
    return `${event.purpose === 'rollback' ? 'Rollback' : 'Run'} ${event.run} of ${event.workspace}: ${event.changes} changes${already}`;
  }
  if (event.event !== 'change') return null;
  const sign = SIGNS[event.state];
  if (sign === undefined) return null;
  const width = String(event.total).length;
  const count = `${String(event.settled).padStart(width)}/${event.total}`;
  const took = event.durationMs === undefined ? '' : `  ${seconds(event.durationMs)}`;
  const again = event.retryMs === undefined ? '' : `  again in ${seconds(event.retryMs)}`;
  const why = event.why === undefined ? '' : `  ${showText(event.why)}`;
  return `${count}  ${sign} ${event.key}${took}${again}${why}`;
}

/** `0.4 s`, `12 s`, `3 min`. */
export function seconds(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The lines of the block that is written over: what is running, and how far the run is. */
export function blockLines(
  tally: Tally,
  options: { readonly now: number; readonly width: number; readonly rows: number },
): readonly string[] {
  if (!tally.open) return [];
  const { now, width, rows } = options;
  const shown = tally.running
    .slice(0, rows)
    .map(({ key, since, note }) => `  … ${key}  ${seconds(now - since)}${note === '' ? '' : `  ${note}`}`);
  const hidden = tally.running.length - shown.length;
  if (hidden > 0) shown.push(`  … and ${hidden} more`);
  const elapsed = now - tally.startedAt;
  const left = remaining(tally, elapsed);
  const bar = barOf(tally.settled, tally.total);
  return [...shown, `  ${bar} ${tally.settled}/${tally.total}  ${seconds(elapsed)}${left}`].map(line =>
    line.slice(0, width - 1),
  );
}

const BAR_CELLS = 24;

function barOf(settled: number, total: number): string {
  const full = total === 0 ? 0 : Math.floor((settled / total) * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}

/** Believed only once a few changes are through. */
function remaining({ settled, already, total }: Tally, elapsedMs: number): string {
  const here = settled - already;
  return here < 3 || settled === total ? '' : `  about ${seconds((elapsedMs / here) * (total - settled))} left`;
}
