import type { RecordedObject } from '../schemas/checkpoint.ts';
import { Fault, faultJson } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import type { Observed, ProviderError } from '../schemas/provider.ts';
import type { Attempt } from './asking.ts';
import type { Course, Ending } from './course.ts';
import { brokenObjects, goneStep, type Made, madeStep } from './objects.ts';

/** The change was made: the object is recorded before anything that needs it may start. */
export async function made(attempt: Attempt, object: Observed): Promise<Ending> {
  const { writer, context } = attempt.course;
  if (attempt.missing.length > 0) return broken(attempt, object, unresolved(attempt));
  await context.world.reach('outcome.before');
  await writer.append([madeStep(writer.recorded, madeOf(attempt, object))]);
  await context.world.reach('outcome.after');
  return { status: 'done' };
}

export async function gone(attempt: Attempt): Promise<Ending> {
  const { course, change } = attempt;
  if (change.action !== 'delete') {
    const fault = problem('RUN-GONE', `${change.address} no longer exists`, 'make a new plan');
    return failed(course, change, { fault, settled: true });
  }
  await course.context.world.reach('outcome.before');
  const { writer } = course;
  await writer.append([change, ...course.company(change)].map(one => goneStep(writer.recorded, one)));
  await course.context.world.reach('outcome.after');
  return { status: 'done' };
}

/** The object exists and cannot be used: it is recorded as unfinished, so that nobody loses it. */
export function broken(attempt: Attempt, object: Observed, fault: Fault): Promise<Ending> {
  const { course, change } = attempt;
  const objects = brokenObjects(course.writer.recorded, madeOf(attempt, object));
  return failed(course, change, { fault, settled: true, objects });
}

function madeOf({ course, change, intent, spec }: Attempt, object: Observed): Made {
  return { change, intent, spec, object, account: course.connection(change.provider).account };
}

/** `settled`: it is certain what there is. Otherwise the intent stays open, and the next run looks again. */
export async function failed(
  course: Course,
  change: Change,
  end: { readonly fault: Fault; readonly settled: boolean; readonly objects?: readonly RecordedObject[] },
): Promise<Ending> {
  const { fault, settled, objects = [] } = end;
  await course.writer.append([{ step: 'fail', key: change.key, fault: faultJson(fault), settled, objects }]);
  await course.context.world.reach('fail.after');
  return { status: 'failed', fault };
}

/** It certainly was not done, and the run may not do it any more: its permission is taken back. */
export async function withdrawn(attempt: Attempt): Promise<Ending> {
  const { course, change } = attempt;
  const fault = new Fault('refused', { id: 'RUN-WITHDRAWN', what: `not done: "${change.key}" is no longer asked for` });
  await failed(course, change, { fault, settled: true });
  return { status: 'withdrawn' };
}

/** A reference has no value, so nothing is sent; what a former process sent is recorded as unfinished. */
export function unresolved({ change, missing }: Attempt): Fault {
  return problem('RUN-UNRESOLVED', `${change.address} needs ${missing.join(', ')}, which no object gives`);
}

/** The provider cannot be used in this run: nothing more is sent to it, and the message is the same for all. */
export function blockedBy(course: Course, change: Change, error: ProviderError): Fault {
  const fault = faultOf(change, error);
  course.block({ provider: change.provider }, fault);
  return fault;
}

export function problem(id: string, what: string, fix?: string): Fault {
  return new Fault('partial', { id, what, ...(fix === undefined ? {} : { fix }) }, { nothingChanged: false });
}

/** A provider's error as people see it: ours in words, theirs by code only. */
export function faultOf(change: Change, error: ProviderError): Fault {
  const id = `PR-${error.class.toUpperCase()}`;
  const what = `${change.action} ${change.address}: ${error.message}`;
  const why = `${change.provider} answered ${error.code}${error.requestId === undefined ? '' : ` (request ${error.requestId})`}`;
  const data = { class: error.class, code: error.code };
  return new Fault('partial', { id, what, why }, { data, nothingChanged: false });
}
