import { type Observed, type ProviderError, ProviderFault } from '../schemas/provider.ts';
import { type Attempt, doubt, ownerOf } from './asking.ts';
import type { Ending } from './course.ts';
import { lookUp } from './look.ts';
import { blockedBy, broken, failed, faultOf, gone, made, problem, withdrawn } from './outcomes.ts';
import { DEADLINE_MS } from './polling.ts';
import { blindMs } from './retry.ts';
import { type Decision, settle } from './settle.ts';

/** Calls in a row whose outcome was not told, and that turned out not to have been done, before the change counts as failed. */
const DOUBTS_MOST = 5;

/** How often in a row a look-up may fail before the change is left to the next run. */
const BLIND_MOST = 10;

/** How often the cloud is asked about an object that it still works on, and for which there is nothing to follow. */
const AWAIT_MS = 1_000;

/** Looks at what a call of unknown outcome did, and acts by the recovery table. Null when the change goes round again. */
export async function clarify(attempt: Attempt): Promise<Ending | null> {
  const { course, change, spec } = attempt;
  const look = await lookUp(attempt);
  if (look.status === 'stopped') return { status: 'stopped' };
  if (look.status === 'cut') {
    return failed(course, change, { fault: blockedBy(course, change, look.error), settled: false });
  }
  if (look.status === 'blind') return blind(attempt, look.error);
  attempt.blind = 0;
  const traits = course.capability(change.provider, change.kind);
  const decision = settle(
    {
      change,
      owner: ownerOf(attempt),
      after: change.action === 'delete' ? null : spec,
      sinceMs: sinceSent(attempt, look.at),
      visibleAfterMs: traits?.visibleAfterMs ?? 0,
      asks: traits?.idempotency === 'ask',
    },
    look,
  );
  return act(attempt, decision);
}

/**
 * Milliseconds between the last call and the look-up; undefined when it certainly was not sent, null when nobody knows.
 * Within this process the monotonic clock counts. What a former process wrote down in wall time is taken over once, and
 * never as the future, so that a clock that was set back does not make it wait for ever.
 */
function sinceSent(attempt: Attempt, lookedAt: number): number | undefined | null {
  if (attempt.countsFrom === null) {
    const { writer, context } = attempt.course;
    const sentAt = writer.sentAt(attempt.change.key);
    if (sentAt === undefined) return undefined;
    const from = sentAt ?? attempt.intent.graceFrom;
    if (from === undefined) return null;
    attempt.countsFrom = context.world.clock.monotonic() - Math.max(0, context.world.clock.now() - from);
  }
  return lookedAt - attempt.countsFrom;
}

async function act(attempt: Attempt, decision: Decision): Promise<Ending | null> {
  const { course, change } = attempt;
  switch (decision.do) {
    case 'record':
      return made(attempt, decision.object);
    case 'record-broken': {
      const fault = problem('PR-PARTIAL', `${change.key}: ${decision.object.id} exists, but its creation failed`);
      return broken(attempt, decision.object, fault);
    }
    case 'record-gone':
      return gone(attempt);
    case 'call':
      return mayCall(attempt);
    case 'await':
      return awaited(attempt, decision.object);
    case 'look-again':
      return later(attempt, decision.afterMs);
    case 'start-grace':
      attempt.intent = await course.intents.startGrace(attempt.intent);
      attempt.countsFrom = course.context.world.clock.monotonic();
      return null;
    case 'remove-surplus':
      return removeSurplus(attempt, decision.surplus);
    case 'ask':
      return failed(course, change, { fault: problem('PR-AMBIGUOUS', decision.what, decision.fix), settled: false });
    case 'stop':
      return failed(course, change, { fault: problem(decision.id, decision.what, decision.fix), settled: true });
  }
}

/** It certainly was not done, so it may be sent again, unless that went wrong often enough or nothing shall be sent. */
async function mayCall(attempt: Attempt): Promise<Ending | null> {
  const { course, change } = attempt;
  if (attempt.closing) return withdrawn(attempt);
  if (attempt.refused !== null)
    return failed(course, change, { fault: faultOf(change, attempt.refused), settled: true });
  if (attempt.doubts >= DOUBTS_MOST) {
    const what = `${change.key}: ${change.provider} did not say what became of ${attempt.doubts} calls, and none was carried out`;
    return failed(course, change, { fault: problem('RUN-GAVE-UP', what, 'run again later'), settled: true });
  }
  attempt.unsure = false;
  attempt.unsureSince = null;
  return null;
}

/** A look-up that failed says nothing, least of all that there is nothing. */
async function blind(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  attempt.blind += 1;
  if (attempt.blind >= BLIND_MOST) return failed(course, change, { fault: faultOf(change, error), settled: false });
  const retryMs = blindMs(error, attempt.blind);
  course.tell(change, 'retrying', { retryMs, why: error.message });
  return later(attempt, retryMs);
}

/** What is pending without anything to follow: the provider takes the next step that the object itself asks for, if there is one. */
async function awaited(attempt: Attempt, { kind, id }: Observed): Promise<Ending | null> {
  const { course, change } = attempt;
  if (!course.writer.alive()) return { status: 'stopped' };
  try {
    await course.connection(change.provider).poll(course.context, [{ kind, id, wait: null, pollMs: AWAIT_MS }]);
  } catch (error) {
    // The next look-up shows what became of it.
    if (!(error instanceof ProviderFault)) throw error;
  }
  return later(attempt, AWAIT_MS);
}

async function later(attempt: Attempt, ms: number): Promise<Ending | null> {
  const { course, change } = attempt;
  const { clock } = course.context.world;
  if (clock.monotonic() - (attempt.unsureSince ?? clock.monotonic()) >= DEADLINE_MS) {
    const what = `${change.key}: what became of it is not known after ${DEADLINE_MS / 60_000} minutes`;
    return failed(course, change, { fault: problem('RUN-UNKNOWN', what, 'run again later'), settled: false });
  }
  await course.rest.pause(ms);
  attempt.looksFrom = clock.monotonic();
  return null;
}

/** Our own intent made more than one: all but the one to keep go, then the look-up is repeated. */
async function removeSurplus(attempt: Attempt, surplus: readonly Observed[]): Promise<Ending | null> {
  const { course, change } = attempt;
  const connection = course.connection(change.provider);
  doubt(attempt);
  for (const object of surplus) {
    if (!course.writer.alive()) return { status: 'stopped' };
    try {
      await connection.delete(course.context, { kind: object.kind, id: object.id, owner: ownerOf(attempt) });
    } catch (error) {
      // It is seen again by the next look-up, and tried again.
      if (!(error instanceof ProviderFault)) throw error;
    }
  }
  return later(attempt, AWAIT_MS);
}
