import type { FaultRuleInput } from '../../platform/demo-cloud/faults.ts';
import type { JsonObject } from '../../schemas/json.ts';
import type { Thing } from './thing.ts';

/** One commit of a workspace. */
export interface Phase {
  readonly things: readonly Thing[];
  /** More for `workspace.yaml`. */
  readonly settings?: JsonObject;
  /** More top-level entries of the infra file: `moved`, `forget`. */
  readonly also?: JsonObject;
}

/** How the end is brought about: by the loop alone, after an approval, followed by a compaction of the record, or by `destroy`. */
export type Flow = 'reconcile' | 'approve' | 'compact' | 'destroy';

/** A workspace with its history. All phases but the last are applied cleanly; the last one is crashed. */
export interface Shape {
  readonly name: string;
  readonly phases: readonly [Phase, ...Phase[]];
  readonly clouds: number;
  readonly flow: Flow;
  /** Objects that somebody else made before us; ids are given in order, `srv-1` first. */
  readonly foreign: readonly JsonObject[];
  /** Armed in every cloud when the last phase begins. */
  readonly faults: readonly FaultRuleInput[];
  /** What must exist in the end. */
  readonly wanted: readonly Thing[];
  /** How the last pass must end: a workspace that rolled back says so, and does nothing more. */
  readonly ends: 'in-sync' | 'failed';
  /** Labels of the addresses that are replaced, and may exist twice for a while. */
  readonly replaced: readonly string[];
}

export type ShapeInput = Pick<Shape, 'name' | 'phases'> & Partial<Shape>;

export function shapeOf(input: ShapeInput): Shape {
  const last = input.phases.at(-1) ?? input.phases[0];
  return {
    clouds: 1,
    flow: 'reconcile',
    foreign: [],
    faults: [],
    wanted: last.things,
    ends: 'in-sync',
    replaced: [],
    ...input,
  };
}
