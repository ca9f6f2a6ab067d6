import { addTo } from '../planner/sort.ts';
import type { Intent } from '../schemas/checkpoint.ts';
import type { Fault } from '../schemas/fault.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import type { Board } from './board.ts';
import type { Course, Told } from './course.ts';
import { openIntents } from './intents.ts';
import { openPolling } from './polling.ts';
import { openRest } from './rest.ts';
import type { RunInput } from './input.ts';
import { openSlots } from './slots.ts';
import { openSurvey } from './survey.ts';

/** The course of a run, with what ends it before its time. */
export interface Voyage {
  readonly course: Course;
  /** Stops the run because of an error that concerns all changes; the first one counts. */
  sink(error: unknown): void;
  /** What sank it; null while nothing did. */
  sunk(): unknown;
  /** Lets go of the signals. */
  close(): void;
}

export function openVoyage(input: RunInput, board: Board, leftover: ReadonlyMap<string, Intent>): Voyage {
  const { writer, context, signals } = input;
  const { clock } = context.world;
  const rest = openRest(clock);
  const slots = openSlots(input.limits, clock, rest);
  let sunk: unknown = null;
  const halt = (): void => {
    rest.end();
    slots.close();
  };
  const both = [signals.stop, signals.abort];
  for (const signal of both) signal.addEventListener('abort', halt);
  const isStopped = (): boolean => both.some(signal => signal.aborted) || sunk !== null;
  if (isStopped()) halt();
  const blocks = new Map<string, Fault>();
  const perProvider = <T>(open: (provider: string) => T) => {
    const known = new Map<string, T>();
    return (provider: string): T => {
      const one = known.get(provider) ?? open(provider);
      known.set(provider, one);
      return one;
    };
  };
  const company = companies(input.plan);
  const course: Course = {
    plan: input.plan,
    runId: input.runId,
    writer,
    context,
    slots,
    rest,
    leftover,
    intents: openIntents({ changes: schedule(board), run: input.runId, writer, world: context.world }),
    connection: input.connection,
    capability: input.capability,
    polling: perProvider(provider => openPolling(input.connection(provider), context)),
    survey: perProvider(provider => openSurvey(input.connection(provider), context, input.plan.workspace)),
    company: change => company.get(change.key) ?? [],
    stopping: () => isStopped() || input.held() || !writer.alive(),
    blocked: change => blocks.get(change.provider) ?? blocks.get(`${change.provider} ${change.kind}`),
    block: ({ provider, kind }, fault) => void blocks.set(kind === undefined ? provider : `${provider} ${kind}`, fault),
    tell: teller(input, board),
  };
  return {
    course,
    sink(error) {
      sunk ??= error;
      halt();
    },
    sunk: () => sunk,
    close: () => both.forEach(signal => signal.removeEventListener('abort', halt)),
  };
}

/** What goes with the deletion of a server, by its key. */
function companies(plan: Plan): ReadonlyMap<string, readonly Change[]> {
  const company = new Map<string, Change[]>();
  for (const change of plan.changes) {
    if (change.goesWith !== undefined) addTo(company, change.goesWith, change);
  }
  return company;
}

/** The changes in the order in which they will probably start: the longest way to go first, which keeps every need before what needs it. */
function schedule(board: Board): readonly Change[] {
  return board.changes
    .filter(change => !board.ended.has(change.key))
    .sort((a, b) => board.pace.of(b) - board.pace.of(a));
}

function teller(input: RunInput, board: Board): Course['tell'] {
  const { clock } = input.context.world;
  const startedAt = clock.monotonic();
  const began = new Map<string, number>();
  return (change, state, more: Told = {}) => {
    const now = clock.monotonic();
    if (state === 'started' && !began.has(change.key)) began.set(change.key, now);
    const durationMs = now - (began.get(change.key) ?? now);
    const isOver = state === 'done' || state === 'failed';
    if (state === 'done' && began.has(change.key)) board.pace.learn(change, durationMs);
    input.progress({
      event: 'change',
      key: change.key,
      state,
      settled: board.done.length + board.failed.length + board.skipped.length,
      total: board.changes.length,
      elapsedMs: now - startedAt,
      ...(isOver ? { durationMs } : {}),
      ...more,
    });
  };
}
