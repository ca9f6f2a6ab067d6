import { resolveSpec } from '../planner/resolve.ts';
import type { RecordedObject } from '../schemas/checkpoint.ts';
import { Fault, faultJson } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import {
  type Observed,
  type Outcome,
  type PendingToken,
  type ProviderError,
  type ProviderErrorClass,
  ProviderFault,
} from '../schemas/provider.ts';
import { splitRef } from '../schemas/resource.ts';
import { type Attempt, ownerOf } from './asking.ts';
import type { Course, Ending } from './course.ts';
import { BLIND_MOST, lookUp } from './look.ts';
import { goneStep, madeObjects, madeStep } from './objects.ts';
import { advise } from './retry.ts';
import { send } from './send.ts';
import { settle } from './settle.ts';

/** Calls in a row whose outcome stays unknown before the change is left to the next run, and the pauses before each look. */
const UNKNOWN_MOST = 10;
const LOOK_MS = 50;
const LOOK_MOST_MS = 5_000;

/** Errors that a cloud gives before it looks at what is asked for. */
const NOTHING_LEFT: readonly ProviderErrorClass[] = ['invalid-input', 'unauthenticated', 'forbidden', 'unsupported'];

/** Carries one change out, from its intent to its outcome. Whatever is unknown is looked up, never guessed. */
export async function carryOut(course: Course, change: Change, priority: number): Promise<Ending> {
  if (change.action === 'forget') {
    await course.writer.append([goneStep(course.writer.recorded, change)]);
    return { status: 'done' };
  }
  const intent = await course.intents.of(change);
  const { spec, missing } = resolveSpec(change.after ?? {}, ref => known(course, ref));
  const attempt: Attempt = {
    course,
    change,
    priority,
    intent,
    spec,
    count: 0,
    blind: 0,
    refused: null,
    unsure: course.leftover.has(change.key),
  };
  if (missing.length > 0) {
    return failed(
      attempt,
      problem('RUN-UNRESOLVED', `${change.address} needs ${missing.join(', ')}, which no object gives`),
      { settled: true },
    );
  }
  for (;;) {
    if (course.stopping()) return { status: 'stopped' };
    const blocked = course.blocked(change);
    if (blocked !== undefined && !attempt.unsure) return failed(attempt, blocked, { settled: true });
    const ending = attempt.unsure ? await clarify(attempt) : await tryOnce(attempt);
    if (ending !== null) return ending;
  }
}

function known(course: Course, ref: string) {
  const { address, output } = splitRef(ref);
  const object = course.writer.recorded.objects.get(address);
  return object?.outputs[output] ?? object?.spec[output];
}

/** Sends the call once. Null when it has to go round again. */
async function tryOnce(attempt: Attempt): Promise<Ending | null> {
  const { course, change } = attempt;
  await course.slots.take(change.provider, attempt.priority);
  let outcome: Outcome;
  try {
    if (course.stopping()) return { status: 'stopped' };
    attempt.count += 1;
    course.tell(change, 'started');
    outcome = await send(attempt);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    return await afterError(attempt, error.error);
  } finally {
    course.slots.free(change.provider);
  }
  return conclude(attempt, outcome);
}

async function conclude(attempt: Attempt, outcome: Outcome): Promise<Ending | null> {
  if (outcome.status === 'pending') return waitFor(attempt, outcome.token);
  if (outcome.status === 'gone') return gone(attempt);
  return made(attempt, outcome.object);
}

async function waitFor(attempt: Attempt, token: PendingToken): Promise<Ending | null> {
  const { course, change } = attempt;
  await course.writer.append([{ step: 'token', key: change.key, token }]);
  await course.context.world.reach('token.after');
  course.tell(change, 'pending');
  try {
    return await conclude(attempt, await course.polling(change.provider).until(token));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    if (error.error.class === 'timeout') return failed(attempt, faultOf(change, error.error), { settled: false });
    return await afterError(attempt, error.error);
  }
}

async function made(attempt: Attempt, object: Observed): Promise<Ending> {
  const { course, change } = attempt;
  await course.context.world.reach('outcome.before');
  const step = madeStep(course.writer.recorded, {
    ...attempt,
    account: course.connection(change.provider).account,
    object,
  });
  await course.writer.append([step]);
  await course.context.world.reach('outcome.after');
  return { status: 'done' };
}

async function gone(attempt: Attempt): Promise<Ending> {
  const { course, change } = attempt;
  if (change.action !== 'delete') {
    return failed(attempt, problem('RUN-GONE', `${change.address} no longer exists`, 'make a new plan'), {
      settled: true,
    });
  }
  await course.context.world.reach('outcome.before');
  await course.writer.append([goneStep(course.writer.recorded, change)]);
  await course.context.world.reach('outcome.after');
  return { status: 'done' };
}

/** Decides what follows an error. Null when the change goes round again. */
async function afterError(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  const { world } = course.context;
  if (error.partialId !== undefined) return partial(attempt, error);
  const jitter = Number.parseInt(world.randomHex(1), 16) / 255;
  const advice = advise(error, { action: change.action, attempt: attempt.count, jitter });
  switch (advice.next) {
    case 'look':
      attempt.unsure = true;
      if (attempt.count >= UNKNOWN_MOST) return failed(attempt, faultOf(change, error), { settled: false });
      course.tell(change, 'retrying', { why: error.message });
      await rest(course, Math.min(LOOK_MOST_MS, LOOK_MS * 2 ** attempt.count));
      return null;
    case 'pause':
      attempt.count -= 1;
      course.slots.pause(change.provider, advice.afterMs);
      course.tell(change, 'retrying', { retryMs: advice.afterMs, why: error.message });
      return null;
    case 'again':
      // Two creates that fail alike may have left something: a look costs less than a duplicate.
      attempt.unsure = change.action === 'create';
      course.tell(change, 'retrying', { retryMs: advice.afterMs, why: error.message });
      await rest(course, advice.afterMs);
      return null;
    case 'fail':
      return definite(attempt, error);
  }
}

async function definite(attempt: Attempt, error: ProviderError): Promise<Ending | null> {
  const { course, change } = attempt;
  // A request that was delivered twice can fail and succeed at once: the operation ends only when nothing of it exists.
  if (change.action === 'create' && attempt.refused === null && !NOTHING_LEFT.includes(error.class)) {
    attempt.refused = error;
    attempt.unsure = true;
    return null;
  }
  const fault = faultOf(change, error);
  if (error.class === 'unauthenticated' || error.class === 'forbidden')
    course.block({ provider: change.provider }, fault);
  if (error.class === 'quota') course.block({ provider: change.provider, kind: change.kind }, fault);
  return failed(attempt, fault, { settled: true });
}

/** The object exists although the call failed: it is recorded first, as unfinished, so that nobody loses it. */
async function partial(attempt: Attempt, error: ProviderError): Promise<Ending> {
  const { course, change } = attempt;
  const connection = course.connection(change.provider);
  const object = await connection
    .read(course.context, { kind: change.kind, id: error.partialId ?? '' })
    .catch(() => null);
  if (object === null) {
    attempt.unsure = true;
    return failed(attempt, faultOf(change, error), { settled: false });
  }
  const objects = madeObjects(course.writer.recorded, {
    ...attempt,
    account: connection.account,
    object,
    tainted: true,
  });
  return failed(attempt, faultOf(change, error), { settled: true, objects });
}

/** Looks at what a call of unknown outcome did, and acts by the recovery table. Null when the change goes round again. */
async function clarify(attempt: Attempt): Promise<Ending | null> {
  const { course, change } = attempt;
  const { clock } = course.context.world;
  if (attempt.intent.token !== undefined && attempt.count === 0) {
    const token = attempt.intent.token;
    attempt.count = 1;
    return waitFor(attempt, token);
  }
  const sentAt = course.writer.sentAt(change.key);
  const found = await lookUp(attempt);
  if (found === null) return attempt.blind < BLIND_MOST ? null : stayUnknown(attempt);
  const visibleAfterMs = course.capability(change.provider, change.kind)?.visibleAfterMs ?? 0;
  const decision = settle(
    {
      intent: attempt.intent,
      change,
      after: change.action === 'delete' ? null : attempt.spec,
      sentAt,
      nowMs: clock.now(),
      visibleAfterMs,
    },
    { found },
  );
  switch (decision.do) {
    case 'record':
      return made(attempt, decision.object);
    case 'record-gone':
      return gone(attempt);
    case 'call':
      if (attempt.refused !== null) return definite(attempt, attempt.refused);
      attempt.unsure = false;
      return null;
    case 'await':
      await rest(course, 1_000);
      return null;
    case 'look-again':
      await rest(course, decision.atMs - clock.now());
      return null;
    case 'start-grace':
      attempt.intent = await course.intents.startGrace(attempt.intent);
      return null;
    case 'remove-surplus':
      return removeSurplus(attempt, decision.surplus);
    case 'stop':
      return failed(attempt, problem(decision.id, decision.what, decision.fix), { settled: true });
  }
}

/** The cloud does not tell what became of the call: the intent stays open, and the next run looks again. */
function stayUnknown(attempt: Attempt): Promise<Ending> {
  const { change } = attempt;
  const what = `whether "${change.key}" happened is not known: ${change.provider} does not answer`;
  return failed(attempt, problem('RUN-UNKNOWN', what, 'run again when it answers'), { settled: false });
}

/** Our own intent made more than one: all but the oldest go, then the look-up is repeated. */
async function removeSurplus(attempt: Attempt, surplus: readonly Observed[]): Promise<null> {
  const { course, change } = attempt;
  const connection = course.connection(change.provider);
  for (const object of surplus) {
    if (!course.writer.alive()) return null;
    await connection
      .delete(course.context, { kind: object.kind, id: object.id, owner: ownerOf(attempt) })
      .catch((error: unknown) => {
        if (!(error instanceof ProviderFault)) throw error;
      });
  }
  await rest(course, 500);
  return null;
}

async function rest(course: Course, ms: number): Promise<void> {
  await course.context.world.clock.sleep(Math.max(0, ms), course.context.signal);
}

async function failed(
  attempt: Attempt,
  fault: Fault,
  more: { readonly settled: boolean; readonly objects?: readonly RecordedObject[] },
): Promise<Ending> {
  const { course, change } = attempt;
  await course.writer.append([
    { step: 'fail', key: change.key, fault: faultJson(fault), settled: more.settled, objects: more.objects ?? [] },
  ]);
  await course.context.world.reach('fail.after');
  return { status: 'failed', fault };
}

function problem(id: string, what: string, fix?: string): Fault {
  return new Fault('partial', { id, what, ...(fix === undefined ? {} : { fix }) }, { nothingChanged: false });
}

/** A provider's error as people see it: ours in words, theirs by code only. */
export function faultOf(change: Change, error: ProviderError): Fault {
  const id = `PR-${error.class.toUpperCase()}`;
  const what = `${change.action} ${change.address}: ${error.message}`;
  const why = `${change.provider} answered ${error.code}${error.requestId === undefined ? '' : ` (request ${error.requestId})`}`;
  return new Fault(
    'partial',
    { id, what, why },
    { data: { class: error.class, code: error.code }, nothingChanged: false },
  );
}
