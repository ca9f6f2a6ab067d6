import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import { sameJson, type Json } from '../schemas/json.ts';
import { kindNamed } from '../schemas/kinds/index.ts';
import { type Address, kindOf, type WorkspaceKey } from '../schemas/name.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import { isUnknown } from './resolve.ts';

/**
 * What becomes of an output when a plan is applied. `absent`: it has no value and the plan gives it none. `later`: only
 * the apply can tell. `why` is a sentence without a full stop.
 */
export type Outlook =
  | { readonly fate: 'stays'; readonly value: Json }
  | { readonly fate: 'changes'; readonly before: Json | null; readonly value: Json }
  | { readonly fate: 'later' | 'goes' | 'absent'; readonly why: string };

/** What is known of an output of another workspace when a plan is made. */
export interface UpstreamValue {
  readonly workspace: WorkspaceKey;
  readonly outlook: Outlook;
}

/** By the text of the reference, as it stands in specs. */
export type UpstreamValues = ReadonlyMap<string, UpstreamValue>;

/** Foresees one output of a workspace from its record and its plan; without a plan, that nothing happens to it. */
export function foresee(
  workspace: { readonly recorded: Recorded; readonly plan: Plan | null },
  { address, output }: { readonly address: Address; readonly output: string },
): Outlook {
  const changes = workspace.plan?.changes.filter(change => change.address === address) ?? [];
  const making = changes.find(({ action }) => action === 'create' || action === 'update' || action === 'adopt');
  const record = workspace.recorded.objects.get(making?.movedFrom ?? address);
  const rule = kindNamed(kindOf(address))?.outputs[output];
  const before = record === undefined ? undefined : recordedOutput(record, output, rule?.sameAs);
  if (making === undefined) {
    const going = changes.find(({ key }) => key === `delete ${address}` || key === `forget ${address}`);
    if (going !== undefined) return { fate: 'goes', why: `${address} is ${WORDS[going.action]}` };
    return before === undefined
      ? { fate: 'absent', why: absence(address, output, record) }
      : { fate: 'stays', value: before };
  }
  const written = rule?.sameAs === undefined ? undefined : making.after?.[rule.sameAs];
  const certain = written === undefined ? kept(making, before, rule?.lifetime === 'stable') : written;
  if (certain === undefined || isUnknown(certain)) return { fate: 'later', why: `${address} is ${wordOf(making)}` };
  return before !== undefined && sameJson(before, certain)
    ? { fate: 'stays', value: certain }
    : { fate: 'changes', before: before ?? null, value: certain };
}

const WORDS = { create: 'created', update: 'updated', delete: 'deleted', adopt: 'taken over', forget: 'forgotten' };

function wordOf({ action, replaces }: Change): string {
  return replaces === undefined ? WORDS[action] : 'replaced';
}

/** What was recorded of an object that stays: as it is, unless the change may give it another value. */
function kept({ action, fields }: Change, before: Json | undefined, isStable: boolean): Json | undefined {
  return action !== 'create' && (isStable || fields.length === 0) ? before : undefined;
}

/** The value that others may read. What an object should not have, because it was not finished, it does not have. */
function recordedOutput(
  { tainted, outputs, spec, id }: RecordedObject,
  output: string,
  sameAs?: string,
): Json | undefined {
  if (tainted === true) return undefined;
  const value = outputs[output] ?? (sameAs === undefined ? undefined : spec[sameAs]);
  return value ?? (output === 'id' ? id : undefined);
}

function absence(address: Address, output: string, record: RecordedObject | undefined): string {
  if (record === undefined) return `${address} is not recorded there yet`;
  return record.tainted === true
    ? `the creation of ${address} did not finish`
    : `${address} is recorded without ${output}`;
}
