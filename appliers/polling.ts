import type { CallContext, Connection, Outcome, PendingToken } from '../schemas/provider.ts';
import { ProviderFault } from '../schemas/provider.ts';
import { openRest } from './rest.ts';

/** How long in milliseconds an action may go on before it counts as stuck, and the longest pause between two looks. */
export const DEADLINE_MS = 15 * 60_000;
const POLL_MOST_MS = 5_000;

/** Looks are made at multiples of this time, so that what is due at about the same time shares a call. */
const BEAT_MS = 50;

/** Looks after everything that a cloud still works on, in one call for all tokens of a provider that are due. */
export interface Polling {
  /** Resolves with the end of the action; throws ProviderFault. Occupies no slot. */
  until(token: PendingToken): Promise<Outcome>;
}

interface Waiter {
  token: PendingToken;
  dueAt: number;
  pollMs: number;
  readonly deadlineAt: number;
  readonly done: (outcome: Outcome) => void;
  readonly failed: (error: unknown) => void;
}

/** One loop for one provider; it runs only while something is pending. */
export function openPolling(connection: Connection, context: CallContext): Polling {
  const { clock } = context.world;
  const waiters = new Set<Waiter>();
  const rest = openRest(clock);
  let looping = false;
  context.signal.addEventListener('abort', rest.wake);

  const turn = async (due: readonly Waiter[]): Promise<void> => {
    await context.world.reach('poll.before');
    const tokens = due.map(waiter => waiter.token);
    const results = await connection.poll(context, tokens);
    await context.world.reach('poll.after');
    due.forEach((waiter, index) => conclude(waiters, waiter, results[index], clock.monotonic()));
  };
  const loop = async (): Promise<void> => {
    for (;;) {
      // In the same moment: who comes after this starts the loop again.
      looping = waiters.size > 0;
      if (!looping) return;
      context.signal.throwIfAborted();
      const now = clock.monotonic();
      const due = [...waiters].filter(waiter => waiter.dueAt <= now);
      if (due.length === 0) await rest.pause(nextDue(waiters) - now);
      else await turn(due).catch((error: unknown) => postpone(waiters, due, { error, now: clock.monotonic() }));
    }
  };
  const run = async (): Promise<void> => {
    try {
      await loop();
    } catch (error) {
      looping = false;
      for (const waiter of waiters) waiter.failed(error);
      waiters.clear();
    }
  };
  return {
    until: token =>
      new Promise((done, failed) => {
        const now = clock.monotonic();
        const { pollMs } = token;
        waiters.add({ token, dueAt: onBeat(now + pollMs), pollMs, deadlineAt: now + DEADLINE_MS, done, failed });
        // A newcomer may be due before all others.
        rest.wake();
        if (looping) return;
        looping = true;
        void run();
      }),
  };
}

function onBeat(at: number): number {
  return Math.ceil(at / BEAT_MS) * BEAT_MS;
}

function nextDue(waiters: ReadonlySet<Waiter>): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { dueAt } of waiters) next = Math.min(next, dueAt);
  return next;
}

/** Classes of a single result that say nothing about the action. */
const PASSING = ['transient', 'rate-limited', 'unknown-outcome'];

function conclude(
  waiters: Set<Waiter>,
  waiter: Waiter,
  result: Outcome | ProviderFault | undefined,
  now: number,
): void {
  if (result instanceof ProviderFault) {
    if (PASSING.includes(result.error.class)) return again(waiters, waiter, now, result.error.retryAfterMs);
    waiters.delete(waiter);
    return waiter.failed(result);
  }
  if (result === undefined) return again(waiters, waiter, now, undefined);
  if (result.status === 'pending') {
    waiter.token = result.token;
    return again(waiters, waiter, now, undefined);
  }
  waiters.delete(waiter);
  waiter.done(result);
}

function again(waiters: Set<Waiter>, waiter: Waiter, now: number, hintMs: number | undefined): void {
  if (now >= waiter.deadlineAt) {
    waiters.delete(waiter);
    const message = `the cloud has not finished within ${DEADLINE_MS / 60_000} minutes`;
    waiter.failed(new ProviderFault({ class: 'timeout', code: 'stuck', message }));
    return;
  }
  waiter.pollMs = Math.min(POLL_MOST_MS, waiter.pollMs * 1.25);
  waiter.dueAt = onBeat(Math.min(waiter.deadlineAt, now + Math.max(1, hintMs ?? waiter.pollMs)));
}

/** A poll that failed as a whole says nothing about the actions: they are asked about later. */
function postpone(
  waiters: Set<Waiter>,
  due: readonly Waiter[],
  failure: { readonly error: unknown; readonly now: number },
): void {
  if (!(failure.error instanceof ProviderFault)) throw failure.error;
  const { error } = failure.error;
  const isFinal = error.class === 'unauthenticated' || error.class === 'forbidden';
  for (const waiter of due) {
    if (!isFinal) {
      again(waiters, waiter, failure.now, error.retryAfterMs ?? 1_000);
      continue;
    }
    waiters.delete(waiter);
    waiter.failed(failure.error);
  }
}
