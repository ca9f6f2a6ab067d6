import { orderChanges } from '../planner/order.ts';
import type { Recorded } from '../schemas/checkpoint.ts';
import { type FaultJson, faultJson } from '../schemas/fault.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import type { Ending } from './course.ts';
import { isDone } from './objects.ts';
import { openPace, type Pace } from './pace.ts';

/** Where every change of a run stands. */
export interface Board {
  readonly changes: readonly Change[];
  readonly ended: ReadonlyMap<string, Ended>;
  /** Keys, in the order in which they were done. */
  readonly done: readonly string[];
  readonly failed: readonly { readonly key: string; readonly fault: FaultJson }[];
  readonly skipped: readonly { readonly key: string; readonly because: string }[];
  readonly pace: Pace;
  /** Everything that can start at once. */
  start(): Next;
  /** Writes down how a change ended. */
  end(change: Change, ending: Ending): Next;
}

/** What follows. `closing`: what needs something that failed, but may have been sent by a former process. */
export interface Next {
  readonly ready: readonly Change[];
  readonly closing: readonly Change[];
  readonly skipped: readonly Change[];
}

type Ended = Ending['status'] | 'skipped' | 'closing';

interface Desk {
  readonly ended: Map<string, Ended>;
  readonly dependants: ReadonlyMap<string, readonly Change[]>;
  /** How many of its needs a change still waits for. */
  readonly open: Map<string, number>;
  readonly done: string[];
  readonly failed: { key: string; fault: FaultJson }[];
  readonly skipped: { key: string; because: string }[];
  /** Why a change that is closing is not carried out. */
  readonly because: Map<string, string>;
  readonly mayBeSent: (key: string) => boolean;
}

/**
 * The board of a run as the record tells it: what is done, and what failed for good, is not begun again.
 * `mayBeSent`: a former process may have sent the call of this change, and its outcome is not known.
 */
export function openBoard(
  plan: Plan,
  recorded: Recorded,
  options: { readonly run: string; readonly mayBeSent: (key: string) => boolean },
): Board {
  const changes = orderChanges(plan.changes);
  const desk = openDesk(changes, recorded, options);
  return {
    changes,
    ended: desk.ended,
    done: desk.done,
    failed: desk.failed,
    skipped: desk.skipped,
    pace: openPace(changes),
    start() {
      const former = recorded.run?.id === options.run ? recorded.run.failed : {};
      const ends = changes.map(change => failedBefore(desk, change, former[change.key]));
      const ready = changes.filter(change => !desk.ended.has(change.key) && desk.open.get(change.key) === 0);
      return { ready, closing: ends.flatMap(end => end.closing), skipped: ends.flatMap(end => end.skipped) };
    },
    end: (change, ending) => note(desk, change, ending),
  };
}

function openDesk(
  changes: readonly Change[],
  recorded: Recorded,
  options: { readonly run: string; readonly mayBeSent: (key: string) => boolean },
): Desk {
  const done = changes.filter(change => isDone(recorded, options.run, change)).map(change => change.key);
  const isGone = new Set(done);
  const dependants = new Map<string, Change[]>();
  const open = new Map<string, number>();
  for (const change of changes) {
    const waits = change.needs.filter(key => !isGone.has(key));
    open.set(change.key, waits.length);
    for (const key of waits) {
      const list = dependants.get(key);
      if (list === undefined) dependants.set(key, [change]);
      else list.push(change);
    }
  }
  const ended = new Map<string, Ended>(done.map(key => [key, 'done']));
  const { mayBeSent } = options;
  return { ended, dependants, open, done, failed: [], skipped: [], because: new Map(), mayBeSent };
}

export const NOTHING: Next = { ready: [], closing: [], skipped: [] };

/** A change that failed before this process began stays failed: the next plan tries again. */
function failedBefore(desk: Desk, change: Change, fault: FaultJson | undefined): Next {
  if (fault === undefined || desk.ended.has(change.key) || desk.mayBeSent(change.key)) return NOTHING;
  desk.ended.set(change.key, 'failed');
  desk.failed.push({ key: change.key, fault });
  return skip(desk, change);
}

function note(desk: Desk, change: Change, ending: Ending): Next {
  const because = desk.because.get(change.key);
  desk.ended.set(change.key, ending.status);
  if (ending.status === 'failed') desk.failed.push({ key: change.key, fault: faultJson(ending.fault) });
  if (ending.status === 'withdrawn' && because !== undefined) {
    desk.ended.set(change.key, 'skipped');
    desk.skipped.push({ key: change.key, because });
    return { ...NOTHING, skipped: [change] };
  }
  if (ending.status !== 'done') return skip(desk, change);
  desk.done.push(change.key);
  const ready: Change[] = [];
  for (const dependant of desk.dependants.get(change.key) ?? []) {
    const left = (desk.open.get(dependant.key) ?? 1) - 1;
    desk.open.set(dependant.key, left);
    if (left === 0 && !desk.ended.has(dependant.key)) ready.push(dependant);
  }
  return { ...NOTHING, ready };
}

/** Nothing that needs a change which did not end well is begun. */
function skip(desk: Desk, from: Change): Next {
  const isFailure = desk.ended.get(from.key) === 'failed';
  const because = `${from.key} failed`;
  const queue = [from];
  const skipped: Change[] = [];
  const closing: Change[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const dependant of desk.dependants.get(next.key) ?? []) {
      const { key } = dependant;
      if (desk.ended.has(key)) continue;
      queue.push(dependant);
      desk.ended.set(key, isFailure ? 'skipped' : 'stopped');
      if (!isFailure) continue;
      if (desk.mayBeSent(key)) {
        desk.ended.set(key, 'closing');
        desk.because.set(key, because);
        closing.push(dependant);
        continue;
      }
      desk.skipped.push({ key, because });
      skipped.push(dependant);
    }
  }
  return { ready: [], closing, skipped };
}
