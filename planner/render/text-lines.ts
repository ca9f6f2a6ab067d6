import { diffArrays } from 'diff';
import type { Json } from '../../schemas/json.ts';
import { plainText } from '../show.ts';

/** One line of a text that spans several. */
export interface TextLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** Equal lines that are shown around what differs. */
const AROUND = 2;

/**
 * A text of several lines as a diff of its lines, such as a configuration file; of equal lines only those near a
 * difference. Null when neither side is such a text: then one line says it all.
 */
export function textLines(before: Json | undefined, after: Json | undefined): TextLine[] | null {
  if (!isText(before) || !isText(after) || ![before, after].some(hasLines)) return null;
  const hunks = diffArrays(linesOf(before), linesOf(after));
  return hunks.flatMap((hunk, index) => {
    const lines = hunk.value.map(plainText);
    if (hunk.added || hunk.removed) return lines.map(text => ({ sign: hunk.added ? '+' : '-', text }) as const);
    return equal(lines, { isFirst: index === 0, isLast: index === hunks.length - 1 });
  });
}

function isText(value: Json | undefined): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}

function hasLines(value: string | null | undefined): boolean {
  return linesOf(value).length > 1;
}

function linesOf(value: string | null | undefined): string[] {
  if (value === null || value === undefined || value === '') return [];
  return value.replace(/\n$/, '').split('\n');
}

function equal(lines: readonly string[], at: { readonly isFirst: boolean; readonly isLast: boolean }): TextLine[] {
  const head = at.isFirst ? 0 : AROUND;
  const tail = at.isLast ? 0 : AROUND;
  const hidden = lines.length - head - tail;
  if (hidden <= 1) return lines.map(text => ({ sign: ' ', text }));
  const shown = [...lines.slice(0, head), `… ${hidden} equal lines`, ...lines.slice(lines.length - tail)];
  return shown.map(text => ({ sign: ' ', text }));
}
