import type { CallContext, Connection, Outcome, PendingToken } from '../schemas/provider.ts';
import { ProviderFault } from '../schemas/provider.ts';

/** How long an action may go on before it counts as stuck, and the longest pause between two looks. */
const DEADLINE_MS = 15 * 60_000;
const POLL_MOST_MS = 5_000;
const POLL_LEAST_MS = 100;
/** Longest pause of the loop, so that a newcomer is not overlooked. */
const LOOK_MS = 250;

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
  let looping = false;

  const turn = async (due: readonly Waiter[]): Promise<void> => {
    await context.world.reach('poll.before');
    const results = await connection.poll(
      context,
      due.map(waiter => waiter.token),
    );
    await context.world.reach('poll.after');
    due.forEach((waiter, index) => conclude(waiters, waiter, results[index], clock.monotonic()));
  };
  const loop = async (): Promise<void> => {
    while (waiters.size > 0) {
      const now = clock.monotonic();
      const due = [...waiters].filter(waiter => waiter.dueAt <= now);
      if (due.length > 0) {
        await turn(due).catch((error: unknown) => postpone(waiters, due, { error, now: clock.monotonic() }));
        continue;
      }
      const next = Math.min(...[...waiters].map(waiter => waiter.dueAt));
      // A waiter that comes in the meantime may be due earlier.
      await clock.sleep(Math.min(LOOK_MS, Math.max(1, next - now)), context.signal);
    }
    looping = false;
  };
  return {
    until: token =>
      new Promise((done, failed) => {
        const now = clock.monotonic();
        waiters.add({
          token,
          dueAt: now + token.pollMs,
          pollMs: token.pollMs,
          deadlineAt: now + DEADLINE_MS,
          done,
          failed,
        });
        if (looping) return;
        looping = true;
        void loop().catch((error: unknown) => {
          looping = false;
          for (const waiter of waiters) waiter.failed(error);
          waiters.clear();
        });
      }),
  };
}

function conclude(
  waiters: Set<Waiter>,
  waiter: Waiter,
  result: Outcome | ProviderFault | undefined,
  now: number,
): void {
  const passing =
    result instanceof ProviderFault && ['transient', 'rate-limited', 'unknown-outcome'].includes(result.error.class);
  if (result === undefined || passing || (!(result instanceof ProviderFault) && result.status === 'pending')) {
    again(waiters, waiter, now, result instanceof ProviderFault ? result.error.retryAfterMs : undefined);
    return;
  }
  waiters.delete(waiter);
  if (result instanceof ProviderFault) waiter.failed(result);
  else waiter.done(result);
}

function again(waiters: Set<Waiter>, waiter: Waiter, now: number, hintMs: number | undefined): void {
  if (now >= waiter.deadlineAt) {
    waiters.delete(waiter);
    waiter.failed(
      new ProviderFault({
        class: 'timeout',
        code: 'stuck',
        message: `the cloud has not finished within ${DEADLINE_MS / 60_000} minutes`,
      }),
    );
    return;
  }
  waiter.pollMs = Math.min(POLL_MOST_MS, waiter.pollMs * 1.25);
  waiter.dueAt = now + Math.max(POLL_LEAST_MS, hintMs ?? waiter.pollMs);
}

/** A poll that failed as a whole says nothing about the actions: they are asked about later. */
function postpone(
  waiters: Set<Waiter>,
  due: readonly Waiter[],
  failure: { readonly error: unknown; readonly now: number },
): void {
  if (!(failure.error instanceof ProviderFault)) throw failure.error;
  const { error } = failure.error;
  const final = ['unauthenticated', 'forbidden'].includes(error.class);
  for (const waiter of due) {
    if (!final) {
      again(waiters, waiter, failure.now, error.retryAfterMs ?? 1_000);
      continue;
    }
    waiters.delete(waiter);
    waiter.failed(failure.error);
  }
}
