import type { Change, FaultRecord } from '../../../schemas/plan.ts';
import { code, prose } from '../escape.ts';
import { sentence } from '../pieces.ts';
import type { PlaceMarkdown } from '../pieces.ts';

/** One problem of a fault, as it was stored. */
export type StoredProblem = FaultRecord['problems'][number];

/** Where a stored problem is; undefined when it names no place. */
export function placeOf({ at }: StoredProblem): Change['at'] {
  if (typeof at !== 'object' || at === null) return undefined;
  const { file, line, column } = at as { readonly [key: string]: unknown };
  if (typeof file !== 'string' || typeof line !== 'number') return undefined;
  return { file, line, column: typeof column === 'number' ? column : 1 };
}

/** Why or how, where the problem says so. */
export function partOf(problem: StoredProblem, name: 'why' | 'fix'): string {
  const text = problem[name];
  return typeof text === 'string' ? text : '';
}

/** One problem as an item of a list, with its reason and remedy below. */
export function problemItem(problem: StoredProblem, place: PlaceMarkdown): string {
  const at = place(placeOf(problem));
  const [why, fix] = [partOf(problem, 'why'), partOf(problem, 'fix')];
  return [
    `\n- ✗ **error** ${prose(problem.what)}${at === '' ? '' : ` (${at})`} ${code(problem.id)}`,
    ...(why === '' ? [] : [`  Why: ${sentence(prose(why))}`]),
    ...(fix === '' ? [] : [`  Fix: ${sentence(prose(fix))}`]),
    '',
  ].join('\n');
}
