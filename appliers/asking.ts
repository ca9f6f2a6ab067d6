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
  intent: Intent;
  readonly spec: Spec;
  count: number;
  /** Why a create failed, while a look has yet to prove that it left nothing behind. */
  refused: ProviderError | null;
  /** Look-ups in a row that failed. */
  blind: number;
  /** Nothing is sent before a look-up said what the former call did. */
  unsure: boolean;
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
