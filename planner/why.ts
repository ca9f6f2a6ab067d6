import type { FieldChange } from '../schemas/plan.ts';
import { isRef } from '../schemas/resource.ts';
import { isHidden, plainText, showValue } from './show.ts';

const SHOWN = 40;

/** One line that says what differs: the field that forces most first, in full, the rest by name. */
export function whyFields(fields: readonly FieldChange[]): string {
  const [first, ...rest] = mostForcing(fields);
  if (first === undefined) return '';
  const names = rest.map(field => field.path);
  const more =
    names.length === 0
      ? ''
      : `; also ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  return `${whyField(first)}${more}`;
}

/** One difference as a sentence without a full stop. */
export function whyField(field: FieldChange): string {
  const path = plainText(field.path);
  const hidden = isHidden(field.before) || isHidden(field.after);
  if (hidden) return `${path} changed`;
  if (field.drift === true)
    return `${path} was changed outside to ${showValue(field.before, SHOWN)}, goes to ${showValue(field.after, SHOWN)}`;
  if (isRef(field.after)) return `${path} follows ${plainText(field.after.$ref)}`;
  if (Array.isArray(field.before) && Array.isArray(field.after)) return whyList(path, field.before, field.after);
  // The beginning of a file says nothing about what changed further down.
  if (hasLines(field.before) && hasLines(field.after)) return `${path} changed (a text of several lines)`;
  if (field.before === null) return `${path} set: ${showValue(field.after, SHOWN)}`;
  if (field.after === null) return `${path} removed: was ${showValue(field.before, SHOWN)}`;
  return `${path} changed: ${arrow(field)}`;
}

function arrow(field: FieldChange): string {
  return `${showValue(field.before, SHOWN)} -> ${showValue(field.after, SHOWN)}`;
}

function hasLines(value: unknown): boolean {
  return typeof value === 'string' && value.trimEnd().includes('\n');
}

function whyList(path: string, before: readonly unknown[], after: readonly unknown[]): string {
  return before.length === after.length
    ? `${path} changed (${count(after.length)})`
    : `${path} changed: ${before.length} -> ${count(after.length)}`;
}

function count(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}

/** Sorted by what they do to the object, the worst first; equal ones stay in order. */
export function mostForcing(fields: readonly FieldChange[]): FieldChange[] {
  const weight = { live: 0, restart: 1, replace: 2 } as const;
  return [...fields].sort((a, b) => weight[b.effect] - weight[a.effect]);
}
