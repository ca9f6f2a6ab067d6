import { resolveSpec } from '../planner/resolve.ts';
import type { Fault } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import {
  type Outcome,
  type PendingToken,
  type ProviderError,
  type ProviderErrorClass,
  ProviderFault,
} from '../schemas/provider.ts';
import { type Spec, splitRef } from '../schemas/resource.ts';
import type { World } from '../schemas/world.ts';
import { type Attempt, doubt, freeSlot, newAttempt, takeSlot } from './asking.ts';
import { clarify } from './clarify.ts';
import type { Course, Ending } from './course.ts';
import { connectionOf } from './look.ts';
import { goneStep } from './objects.ts';
import { blockedBy, broken, failed, faultOf, gone, made, unresolved, withdrawn } from './outcomes.ts';
import { advise, pauseMs } from './retry.ts';
import { send } from './send.ts';

export interface Order {
  readonly course: Course;
  readonly change: Change;
  readonly priority: number;
  /** Nothing is sent: it is only asked what became of a call that a former process may have sent. */
  readonly closing: boolean;
}

/** Carries one change out, from its intent to its outcome. Whatever is unknown is looked up, never guessed. */
export async function carryOut(order: Order): Promise<Ending> {
  const { course, change } = order;
  if (course.stopping()) return { status: 'stopped' };
  // What goes with its server was recorded as gone together with that.
  if (change.goesWith !== undefined) return { status: 'done' };
  if (change.action === 'forget') {
    await course.writer.append([goneStep(course.writer.recorded, change)]);
    return { status: 'done' };
  }
  const attempt = course.leftover.has(change.key) ? await goOn(order) : await begin(order);
  if (attempt === null) return { status: 'stopped' };
  try {
    return await goRound(attempt);
  } finally {
    freeSlot(attempt);
  }
}

/** Takes up what a former process declared. What it certainly did not send is as good as fresh. */
async function goOn(order: Order): Promise<Attempt> {
  const { course, change } = order;
  const intent = await course.intents.of(change);
  const unsure = intent.token !== undefined || course.writer.sentAt(change.key) !== undefined;
  return newAttempt({ ...order, ...resolved(course, change), intent, unsure, slot: false });
}

/** A fresh change is declared when it is its turn, so that what is declared ahead follows the schedule. */
async function begin(order: Order): Promise<Attempt | null> {
  const { course, change } = order;
  if (!(await course.slots.take(change.provider, order.priority))) return null;
  let attempt: Attempt | null = null;
  try {
    if (course.stopping()) return null;
    const intent = await course.intents.of(change);
    attempt = newAttempt({ ...order, ...resolved(course, change), intent, unsure: false, slot: true });
    return attempt;
  } finally {
    if (attempt === null) course.slots.free(change.provider);
  }
}

/** The spec with the values that the objects have now. */
function resolved(course: Course, change: Change): { readonly spec: Spec; readonly missing: readonly string[] } {
  return resolveSpec(change.after ?? {}, ref => {
    const { address, output } = splitRef(ref);
    const object = course.writer.recorded.objects.get(address);
    return object?.outputs[output] ?? object?.spec[output];
  });
}

async function goRound(attempt: Attempt): Promise<Ending> {
  const { course } = attempt;
  if (attempt.closing && !attempt.unsure) return withdrawn(attempt);
  const { token } = attempt.intent;
  let ending = attempt.unsure && token !== undefined ? await waitFor(attempt, token) : null;
  while (ending === null) {
    if (course.stopping()) return { status: 'stopped' };
    ending = attempt.unsure ? await clarify(attempt) : await tryOnce(attempt);
  }
  return ending;
}

/** Sends the call once. Null when it has to go round again. */
async function tryOnce(attempt: Attempt): Promise<Ending | null> {
  const { course, change } = attempt;
  const fault = hindrance(attempt);
  if (fault !== null) return failed(course, change, { fault, settled: true });
  if (!(await takeSlot(attempt)) || course.stopping()) return { status: 'stopped' };
  course.tell(change, 'started');
  let outcome: Outcome | ProviderFault;
  try {
    outcome = await send(attempt, course.connection(change.provider));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    outcome = error;
    // Before the slot is free for the next one.
    brake(attempt, error.error);
  } finally {
    freeSlot(attempt);
  }
  return conclude(attempt, outcome);
}

/** What a provider refuses to all is not asked of it again in this run; who is asked too often gets a pause. */
function brake({ course, change }: Attempt, error: ProviderError): void {
  const { provider, kind } = change;
  const { world } = course.context;
  if (error.class === 'rate-limited') course.slots.pause(provider, pauseMs(error, jitter(world)));
  if (error.class === 'quota') course.block({ provider, kind }, faultOf(change, error));
  if (error.class === 'unauthenticated' || error.class === 'forbidden') blockedBy(course, change, error);
}

function jitter(world: World): number {
  return Number.parseInt(world.randomHex(1), 16) / 255;
}

/** Why nothing can be sent for the change; null when something can. */
function hindrance(attempt: Attempt): Fault | null {
  const { course, change, missing } = attempt;
  const blocked = course.blocked(change);
  if (blocked !== undefined) return blocked;
  if (missing.length > 0) return unresolved(attempt);
  const connection = connectionOf(course, change.provider);
  return connection instanceof ProviderFault ? blockedBy(course, change, connection.error) : null;
}

async function conclude(attempt: Attempt, outcome: Outcome | ProviderFault): Promise<Ending | null> {
  if (outcome instanceof ProviderFault) return afterError(attempt, outcome.error);
  if (outcome.status === 'pending') return waitFor(attempt, outcome.token);
  return outcome.status === 'gone' ? gone(attempt) : made(attempt, outcome.object);
}

async function waitFor(attempt: Attempt, token: PendingToken): Promise<Ending | null> {
  const { course, change } = attempt;
  if (token !== attempt.intent.token) {
    await course.writer.append([{ step: 'token', key: change.key, token }]);
    await course.context.world.reach('token.after');
  }
  course.tell(change, 'pending');
  const connection = connectionOf(course, change.provider);
  if (connection instanceof ProviderFault) return afterPoll(attempt, connection.error);
  try {
    return await conclude(attempt, await course.polling(change.provider).until(token));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    return afterPoll(attempt, error.error);
  }
}

/** An action that did not end well, or that cannot be watched: then nobody knows what becomes of it, and the intent stays open. */
async function afterPoll(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  if (error.class === 'timeout') {
    return failed(course, change, { fault: faultOf(change, error), settled: false });
  }
  if (error.class === 'unauthenticated' || error.class === 'forbidden' || error.class === 'transient') {
    return failed(course, change, { fault: blockedBy(course, change, error), settled: false });
  }
  if (change.action !== 'create' || error.partialId !== undefined) return afterError(attempt, error);
  attempt.doubts += 1;
  doubt(attempt);
  return null;
}

/** Decides what follows an error. Null when the change goes round again. */
async function afterError(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  if (error.partialId !== undefined) return partial(attempt, error);
  const call = { action: change.action, attempt: Math.max(1, attempt.sends), jitter: jitter(course.context.world) };
  const advice = advise(error, call);
  switch (advice.next) {
    case 'look':
      attempt.doubts += 1;
      doubt(attempt);
      await course.rest.pause(advice.afterMs);
      return null;
    case 'pause':
      attempt.sends = Math.max(0, attempt.sends - 1);
      course.tell(change, 'retrying', {
        why: error.message,
        ...(error.retryAfterMs === undefined ? {} : { retryMs: error.retryAfterMs }),
      });
      return null;
    case 'again':
      // A create that is repeated may have left something, and a write may have been half done: a look costs less than a guess.
      if (change.action !== 'delete') doubt(attempt);
      course.tell(change, 'retrying', { retryMs: advice.afterMs, why: error.message });
      await course.rest.pause(advice.afterMs);
      return null;
    case 'fail':
      return definite(attempt, error);
  }
}

/** Errors that a cloud gives before it looks at what is asked for. */
const NOTHING_LEFT: readonly ProviderErrorClass[] = ['invalid-input', 'unauthenticated', 'forbidden', 'unsupported'];

/** A request that was delivered twice can succeed and be refused at once: a create fails only when nothing of it exists. */
async function definite(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  if (change.action !== 'create' || NOTHING_LEFT.includes(error.class)) {
    return failed(course, change, { fault: faultOf(change, error), settled: true });
  }
  attempt.refused = error;
  doubt(attempt);
  return null;
}

/** A part was done although the call failed. A new object is recorded first, as unfinished, so that nobody loses it. */
async function partial(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  if (change.action !== 'create') {
    attempt.doubts += 1;
    doubt(attempt);
    return null;
  }
  const connection = course.connection(change.provider);
  const object = await connection
    .read(course.context, { kind: change.kind, id: error.partialId ?? '' })
    .catch((reason: unknown) => {
      if (!(reason instanceof ProviderFault)) throw reason;
      return null;
    });
  if (object !== null) return broken(attempt, object, faultOf(change, error));
  doubt(attempt);
  return null;
}
