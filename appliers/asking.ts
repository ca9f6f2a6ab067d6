import type { Intent } from '../schemas/checkpoint.ts';
import type { Owner } from '../schemas/owner.ts';
import type { Change } from '../schemas/plan.ts';
import type { ProviderError } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';
import type { Course } from './course.ts';
import { subject } from './objects.ts';

/** One change on its way, with what it learned so far. */
export interface Attempt {
  readonly course: Course;
  readonly change: Change;
  readonly priority: number;
  readonly spec: Spec;
  /** References of the spec that no object gives. */
  readonly missing: readonly string[];
  /** Nothing is sent any more: the change is only asked what became of it. */
  readonly closing: boolean;
  /** By the monotonic clock. */
  readonly startedAt: number;
  intent: Intent;
  /** It holds permission to have a call in flight. */
  slot: boolean;
  /** Calls that this process sent, without those that were turned away for being too many. */
  sends: number;
  /** Calls whose outcome was not told. */
  doubts: number;
  /** Why a create was refused, while a look-up has yet to prove that it left nothing behind. */
  refused: ProviderError | null;
  /** Look-ups in a row that failed. */
  blind: number;
  /** Nothing is sent before a look-up said what the former call did. */
  unsure: boolean;
  /** Monotonic time since when the outcome is unknown; null while it is not. */
  unsureSince: number | null;
  /** Monotonic time from which a listing is fresh enough to tell. */
  looksFrom: number;
  /** Monotonic time of the last call, as far as it is known; the time in which it may stay invisible counts from here. */
  countsFrom: number | null;
}

export function newAttempt(
  given: Pick<
    Attempt,
    'course' | 'change' | 'priority' | 'spec' | 'missing' | 'closing' | 'intent' | 'slot' | 'unsure'
  >,
): Attempt {
  const now = given.course.context.world.clock.monotonic();
  return {
    ...given,
    startedAt: now,
    sends: 0,
    doubts: 0,
    refused: null,
    blind: 0,
    unsureSince: given.unsure ? now : null,
    looksFrom: now,
    countsFrom: null,
  };
}

/** From now on nothing is sent for the change before a look-up told what there is. */
export function doubt(attempt: Attempt): void {
  attempt.unsure = true;
  attempt.unsureSince ??= attempt.course.context.world.clock.monotonic();
}

/** Waits for permission to have a call in flight; false when the run stops before. */
export async function takeSlot(attempt: Attempt): Promise<boolean> {
  attempt.slot ||= await attempt.course.slots.take(attempt.change.provider, attempt.priority);
  return attempt.slot;
}

export function freeSlot(attempt: Attempt): void {
  if (!attempt.slot) return;
  attempt.slot = false;
  attempt.course.slots.free(attempt.change.provider);
}

/** Whose object the change makes or keeps. */
export function ownerOf({ course, change, intent }: Attempt): Owner {
  const { plan } = course;
  return {
    workspace: plan.workspace,
    lineage: course.writer.recorded.lineage,
    address: change.address,
    opId: intent.opId,
  };
}

/** The recorded spec before the change; empty for what has none. */
export function beforeOf({ course, change }: Attempt): Spec {
  return subject(course.writer.recorded, change)?.spec ?? change.before ?? {};
}
