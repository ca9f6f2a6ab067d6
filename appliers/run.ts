import type { RunOutcome } from '../schemas/checkpoint.ts';
import { asFault, Fault, faultJson } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import { carryOut } from './attempt.ts';
import { type Board, type Next, NOTHING, openBoard } from './board.ts';
import type { Course, Ending } from './course.ts';
import type { RunInput, RunReport } from './input.ts';
import { insist } from './intents.ts';
import { failed } from './outcomes.ts';
import { refuseStale } from './stale.ts';
import { openVoyage, type Voyage } from './voyage.ts';

export type { RunInput, RunReport } from './input.ts';

/**
 * Runs a plan to its end: each change as soon as what it needs is done, the longest remaining path first. A run that was
 * interrupted goes on in the same way; there is no other recovery. Throws Fault `refused` before the first call when an
 * object is no longer as it was planned, and `locked` when another one took the workspace.
 */
export async function runPlan(input: RunInput): Promise<RunReport> {
  const { plan, writer, context } = input;
  const startedAt = context.world.clock.monotonic();
  if (writer.recorded.run?.id !== input.runId) {
    await refuseStale(input);
    await begin(input);
  }
  const leftover = new Map([...writer.recorded.intents].filter(([, intent]) => intent.run === input.runId));
  const mayBeSent = (key: string): boolean =>
    leftover.has(key) && (leftover.get(key)?.token !== undefined || writer.sentAt(key) !== undefined);
  const board = openBoard(plan, writer.recorded, { run: input.runId, mayBeSent });
  input.progress({
    event: 'run-begun',
    run: input.runId,
    workspace: plan.workspace,
    purpose: plan.purpose,
    changes: plan.changes.length,
    already: board.done.length,
  });
  const voyage = openVoyage(input, board, leftover);
  try {
    await work(voyage, board, input.settleOnly === true);
  } finally {
    voyage.close();
  }
  if (voyage.sunk() !== null) throw voyage.sunk();
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

/** Starts every change whose needs are done, and its dependants after it. Resolves when nothing is left to do or wait for. */
function work(voyage: Voyage, board: Board, settleOnly: boolean): Promise<void> {
  const { course } = voyage;
  return new Promise(resolve => {
    let running = 0;
    const begin = (change: Change, closing: boolean): void => {
      running += 1;
      void carried(voyage, { change, priority: board.pace.of(change), closing })
        .then(ending => {
          const after = board.end(change, ending);
          tellEnd(course, change, ending);
          follow(after);
        })
        .catch(voyage.sink)
        .finally(() => {
          running -= 1;
          if (running === 0) resolve();
        });
    };
    const follow = ({ ready, closing, skipped }: Next): void => {
      for (const change of skipped) course.tell(change, 'skipped', { why: 'something it needs failed' });
      for (const change of closing) begin(change, true);
      if (!settleOnly) for (const change of urgentFirst(ready, board)) begin(change, false);
    };
    if (settleOnly) follow({ ...NOTHING, closing: board.changes.filter(change => course.leftover.has(change.key)) });
    else follow(board.start());
    if (running === 0) resolve();
  });
}

/** The first of them take what room there is, so their order counts. */
function urgentFirst(ready: readonly Change[], board: Board): readonly Change[] {
  return ready.length < 2 ? ready : [...ready].sort((a, b) => board.pace.of(b) - board.pace.of(a));
}

/** How a change ended, and never an error: an interruption or a lost lease stops the run, a defect fails the change that met it. */
async function carried(
  voyage: Voyage,
  order: { readonly change: Change; readonly priority: number; readonly closing: boolean },
): Promise<Ending> {
  const { course } = voyage;
  try {
    return await carryOut({ ...order, course });
  } catch (error) {
    if (course.context.signal.aborted) return { status: 'stopped' };
    const fault = asFault(error);
    if (fault.code !== 'bug') {
      voyage.sink(error);
      return { status: 'stopped' };
    }
    // Nobody knows how far it came, so its intent stays open.
    return await failed(course, order.change, { fault, settled: false }).catch(later => stoppedBy(voyage, later));
  }
}

function stoppedBy(voyage: Voyage, error: unknown): Ending {
  voyage.sink(error);
  return { status: 'stopped' };
}

function tellEnd(course: Course, change: Change, ending: Ending): void {
  if (ending.status === 'done') course.tell(change, 'done');
  if (ending.status === 'failed') course.tell(change, 'failed', { why: ending.fault.message });
}

async function finish(input: RunInput, board: Board, startedAt: number): Promise<RunReport> {
  const { writer, context } = input;
  const { clock } = context.world;
  const outcome = outcomeOf(input, board);
  if (outcome !== 'stopped') await withdraw(input, board);
  await context.world.reach('end.before');
  await insist(writer, await writer.append([{ step: 'end', outcome, at: clock.now() }]));
  await context.world.reach('end.after');
  const { done, failed, skipped } = board;
  const durationMs = Math.round(clock.monotonic() - startedAt);
  input.progress({
    event: 'run-ended',
    run: input.runId,
    outcome,
    done: done.length,
    failed: failed.length,
    skipped: skipped.length,
    elapsedMs: durationMs,
  });
  return { outcome, done, failed, skipped, durationMs };
}

function outcomeOf(input: RunInput, board: Board): RunOutcome {
  if (input.settleOnly === true) return 'superseded';
  if ([...board.ended.values()].includes('stopped')) return 'stopped';
  return board.failed.length + board.skipped.length > 0 ? 'failed' : 'done';
}

/** Permissions that were declared ahead and never used are taken back: nobody may use them any more. */
async function withdraw({ writer, runId }: RunInput, board: Board): Promise<void> {
  const because = new Map(board.skipped.map(({ key, because: why }) => [key, why]));
  const steps = [...writer.recorded.intents.values()].flatMap(({ key, run, token }) => {
    if (run !== runId || token !== undefined || writer.sentAt(key) !== undefined) return [];
    const what = `not begun: ${because.get(key) ?? 'it is no longer asked for'}`;
    const fault = faultJson(new Fault('refused', { id: 'RUN-SKIPPED', what }));
    return [{ step: 'fail' as const, key, fault, settled: true, objects: [] }];
  });
  if (steps.length > 0) await writer.append(steps);
}
