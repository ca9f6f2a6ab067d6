import { orderChanges, priorities } from '../planner/order.ts';
import type { Recorded, RunOutcome } from '../schemas/checkpoint.ts';
import { asFault, Fault, type FaultJson, faultJson } from '../schemas/fault.ts';
import type { KindName } from '../schemas/name.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import type { ProgressEvent } from '../schemas/progress.ts';
import type { CallContext, Connection, KindCapability } from '../schemas/provider.ts';
import type { StateWriter } from '../schemas/state.ts';
import { carryOut } from './attempt.ts';
import type { Course, Ending } from './course.ts';
import { openIntents } from './intents.ts';
import { isDone } from './objects.ts';
import { openPolling, type Polling } from './polling.ts';
import { openSlots } from './slots.ts';
import { refuseStale } from './stale.ts';

export interface RunInput {
  readonly plan: Plan;
  /** A new id begins a run; the id of the recorded, unfinished run goes on with it. */
  readonly runId: string;
  readonly writer: StateWriter;
  /** Throws ProviderFault for a provider that cannot be used now. */
  connection(provider: string): Connection;
  capability(provider: string, kind: KindName): KindCapability | undefined;
  readonly context: CallContext;
  readonly limits: { readonly parallel: number; readonly perProvider: number };
  /** `stop`: start nothing new, let what is in flight finish. `abort`: do not wait for it either. */
  readonly signals: { readonly stop: AbortSignal; readonly abort: AbortSignal };
  held(): boolean;
  progress(event: ProgressEvent): void;
  readonly approvedBy: string | null;
  readonly rollbackOf: string | null;
}

export interface RunReport {
  readonly outcome: RunOutcome;
  /** Keys, in the order in which they were done. */
  readonly done: readonly string[];
  readonly failed: readonly { readonly key: string; readonly fault: FaultJson }[];
  readonly skipped: readonly { readonly key: string; readonly because: string }[];
  readonly durationMs: number;
}

/**
 * Runs a plan to its end: each change as soon as what it needs is done, the longest remaining path first. A run that was
 * interrupted goes on in the same way; there is no other recovery. Throws Fault `refused` before the first call when an
 * object is no longer as it was planned, and `locked` when another one took the workspace.
 */
export async function runPlan(input: RunInput): Promise<RunReport> {
  const { plan, writer, context } = input;
  const startedAt = context.world.clock.monotonic();
  const resumed = writer.recorded.run?.id === input.runId;
  if (!resumed) {
    await refuseStale(input);
    await begin(input);
  }
  const board = openBoard(plan, writer.recorded, input.runId);
  const course = openCourse(input, board, startedAt);
  input.progress({
    event: 'run-begun',
    run: input.runId,
    workspace: plan.workspace,
    purpose: plan.purpose,
    changes: plan.changes.length,
    already: board.done.length,
  });
  await work(course, board);
  if (board.fatal !== null) throw board.fatal;
  return finish(input, board, startedAt);
}

async function begin(input: RunInput): Promise<void> {
  const { plan, writer, context } = input;
  const run = {
    id: input.runId,
    purpose: plan.purpose,
    plan: plan.digest,
    commit: plan.commit,
    changes: plan.changes.length,
    startedAt: context.world.clock.now(),
    approvedBy: input.approvedBy,
    rollbackOf: input.rollbackOf,
    failed: {},
    endedAt: null,
    outcome: null,
  };
  await writer.append([{ step: 'begin', run, plan }]);
  await context.world.reach('begin.after');
}

/** Where every change of the run stands. */
interface Board {
  readonly changes: readonly Change[];
  readonly priority: ReadonlyMap<string, number>;
  readonly dependants: ReadonlyMap<string, readonly Change[]>;
  /** How many of its needs a change still waits for. */
  readonly open: Map<string, number>;
  readonly ended: Map<string, Ending['status'] | 'skipped'>;
  readonly done: string[];
  readonly failed: { key: string; fault: FaultJson }[];
  readonly skipped: { key: string; because: string }[];
  fatal: unknown;
}

function openBoard(plan: Plan, recorded: Recorded, run: string): Board {
  const changes = orderChanges(plan.changes);
  const done = new Set(changes.filter(change => isDone(recorded, run, change)).map(change => change.key));
  const dependants = new Map<string, Change[]>();
  const open = new Map<string, number>();
  for (const change of changes) {
    const waits = change.needs.filter(key => !done.has(key));
    open.set(change.key, waits.length);
    for (const key of waits) {
      const list = dependants.get(key);
      if (list === undefined) dependants.set(key, [change]);
      else list.push(change);
    }
  }
  const ended = new Map([...done].map(key => [key, 'done' as const]));
  return {
    changes,
    priority: priorities(changes, durationMs),
    dependants,
    open,
    ended,
    done: [...done],
    failed: [],
    skipped: [],
    fatal: null,
  };
}

/** How long a change of each kind takes, roughly: only the order of ready changes depends on it. */
const TYPICAL_MS: { readonly [kind: string]: number } = { server: 20_000, 'load-balancer': 30_000, volume: 5_000 };

function durationMs(change: Change): number {
  return TYPICAL_MS[change.kind] ?? (change.kind.startsWith('taskserv.') ? 30_000 : 1_000);
}

function openCourse(input: RunInput, board: Board, startedAt: number): Course {
  const { writer, context } = input;
  const { clock } = context.world;
  const pollings = new Map<string, Polling>();
  const blocks = new Map<string, Fault>();
  return {
    plan: input.plan,
    runId: input.runId,
    writer,
    context,
    slots: openSlots(input.limits, clock),
    intents: openIntents({
      changes: board.changes.filter(change => !board.ended.has(change.key)),
      run: input.runId,
      writer,
      world: context.world,
    }),
    leftover: new Map([...writer.recorded.intents].filter(([, intent]) => intent.run === input.runId)),
    connection: input.connection,
    capability: input.capability,
    polling(provider) {
      const known = pollings.get(provider) ?? openPolling(input.connection(provider), context);
      pollings.set(provider, known);
      return known;
    },
    stopping: () => input.signals.stop.aborted || board.fatal !== null || input.held() || !writer.alive(),
    blocked: change => blocks.get(change.provider) ?? blocks.get(`${change.provider} ${change.kind}`),
    block: ({ provider, kind }, fault) => void blocks.set(kind === undefined ? provider : `${provider} ${kind}`, fault),
    tell: (change, state, more) =>
      input.progress({
        event: 'change',
        key: change.key,
        state,
        settled: board.ended.size,
        total: board.changes.length,
        elapsedMs: clock.monotonic() - startedAt,
        ...more,
      }),
  };
}

/** Starts every change whose needs are done, and its dependants after it. Resolves when nothing is left to do or wait for. */
function work(course: Course, board: Board): Promise<void> {
  return new Promise(resolve => {
    let running = 0;
    const start = (change: Change): void => {
      running += 1;
      void carryOut(course, change, board.priority.get(change.key) ?? 0)
        .catch((error: unknown) => caught(course, board, { change, error }))
        .then(ending => {
          running -= 1;
          for (const ready of note(course, board, { change, ending })) start(ready);
          if (running === 0) resolve();
        });
    };
    for (const change of board.changes) {
      if (!board.ended.has(change.key) && board.open.get(change.key) === 0) start(change);
    }
    if (running === 0) resolve();
  });
}

/** What was thrown instead of an ending: an interruption or a lost lease stops the run, a defect fails its change. */
function caught(course: Course, board: Board, thrown: { readonly change: Change; readonly error: unknown }): Ending {
  if (course.context.signal.aborted) return { status: 'stopped' };
  const fault = asFault(thrown.error);
  if (fault.code === 'bug' && fault.cause instanceof TypeError) return { status: 'failed', fault };
  board.fatal ??= thrown.error;
  return { status: 'stopped' };
}

/** Writes down how a change ended; the changes that are ready now. */
function note(
  course: Course,
  board: Board,
  ended: { readonly change: Change; readonly ending: Ending },
): readonly Change[] {
  const { change, ending } = ended;
  board.ended.set(change.key, ending.status);
  if (ending.status === 'failed') {
    board.failed.push({ key: change.key, fault: faultJson(ending.fault) });
    course.tell(change, 'failed', { why: ending.fault.message });
  }
  if (ending.status !== 'done') return skip(course, board, change);
  board.done.push(change.key);
  course.tell(change, 'done');
  const ready: Change[] = [];
  for (const dependant of board.dependants.get(change.key) ?? []) {
    const left = (board.open.get(dependant.key) ?? 1) - 1;
    board.open.set(dependant.key, left);
    if (left === 0 && !board.ended.has(dependant.key)) ready.push(dependant);
  }
  return ready;
}

/** Nothing that needs a change which did not end well is begun. */
function skip(course: Course, board: Board, from: Change): readonly Change[] {
  const stopped = board.ended.get(from.key) === 'stopped';
  const queue = [from];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const dependant of board.dependants.get(next.key) ?? []) {
      if (board.ended.has(dependant.key)) continue;
      board.ended.set(dependant.key, stopped ? 'stopped' : 'skipped');
      queue.push(dependant);
      if (stopped) continue;
      board.skipped.push({ key: dependant.key, because: `${from.key} failed` });
      course.tell(dependant, 'skipped', { why: `${from.key} failed` });
    }
  }
  return [];
}

async function finish(input: RunInput, board: Board, startedAt: number): Promise<RunReport> {
  const { writer, context } = input;
  const { clock } = context.world;
  const unbegun = [...board.ended.values()].includes('stopped');
  const outcome: RunOutcome = unbegun ? 'stopped' : board.failed.length + board.skipped.length > 0 ? 'failed' : 'done';
  if (outcome === 'failed') await withdraw(writer, board);
  await context.world.reach('end.before');
  await writer.pushed(await writer.append([{ step: 'end', outcome, at: clock.now() }]));
  await context.world.reach('end.after');
  const report = {
    outcome,
    done: board.done,
    failed: board.failed,
    skipped: board.skipped,
    durationMs: Math.round(clock.monotonic() - startedAt),
  };
  input.progress({
    event: 'run-ended',
    run: input.runId,
    outcome,
    done: report.done.length,
    failed: report.failed.length,
    skipped: report.skipped.length,
    elapsedMs: report.durationMs,
  });
  return report;
}

/** Permissions of changes that were skipped are taken back: nobody may use them any more. */
async function withdraw(writer: StateWriter, board: Board): Promise<void> {
  const because = new Map(board.skipped.map(({ key, because: why }) => [key, why]));
  const steps = [...writer.recorded.intents.keys()].flatMap(key => {
    const why = because.get(key);
    if (why === undefined) return [];
    const fault = faultJson(new Fault('refused', { id: 'RUN-SKIPPED', what: `not begun: ${why}` }));
    return [{ step: 'fail' as const, key, fault, settled: true, objects: [] }];
  });
  if (steps.length > 0) await writer.append(steps);
}
