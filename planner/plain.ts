import type { Json } from '../schemas/json.ts';
import type { Change, FieldChange } from '../schemas/plan.ts';
import type { Spec } from '../schemas/resource.ts';

/** A spec as a plan holds it. The plan's schema infers changeable types, but nothing in the planner changes a value. */
export function planSpec(spec: Spec): NonNullable<Change['after']> {
  return spec as unknown as NonNullable<Change['after']>;
}

/** A value as a plan holds it. */
export function planValue(value: Json): FieldChange['after'] {
  return value as unknown as FieldChange['after'];
}
