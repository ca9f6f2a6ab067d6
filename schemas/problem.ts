import { FAULT_CODES, type Fault, type Problem } from './fault.ts';
import { LIMITS } from './limits.ts';
import { showPosition } from './position.ts';

/** Characters that change how surrounding text is shown, or are not shown at all: controls, bidirectional marks, zero-width characters. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A name or value from a file as it may be shown: at most 60 characters, unshown characters as `\u{202E}`. */
export function showText(text: string): string {
  return escaped(text.length > LIMITS.shownNameLength ? `${text.slice(0, LIMITS.shownNameLength - 1)}…` : text);
}

function escaped(text: string): string {
  return text.replace(
    UNSHOWN,
    unit => `\\u{${(unit.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`,
  );
}

/** A problem as lines of text: `ID file:line:col  what`, then why and fix, and further places. File names may hold anything, so each part is made safe to show. */
export function renderProblem(problem: Problem): string {
  const place = problem.at === undefined ? '' : ` ${escaped(showPosition(problem.at))}`;
  const reasons = [
    problem.why === undefined ? undefined : `why: ${escaped(problem.why)}`,
    problem.fix === undefined ? undefined : `fix: ${escaped(problem.fix)}`,
  ].filter(reason => reason !== undefined);
  const lines = [`${problem.id}${place}  ${escaped(problem.what)}`];
  for (const also of problem.also ?? []) lines.push(`  also: ${escaped(showPosition(also))}`);
  if (reasons.length > 0) lines.push(`  ${reasons.join('   ')}`);
  return lines.join('\n');
}

/** Warnings as one text each, in the form of problems. */
export function renderWarnings(warnings: readonly Problem[]): string[] {
  return warnings.map(renderProblem);
}

/** A whole fault as people see it, ending with whether anything was changed and the counts that `data` holds. */
export function renderProblems(fault: Fault): string {
  const count = (key: string): number => (typeof fault.data[key] === 'number' ? fault.data[key] : 0);
  const more = count('omitted');
  const lines = fault.problems.map(renderProblem);
  if (more > 0) lines.push(`  and ${more} more`);
  const totals = [
    plural(fault.problems.length + more, 'error'),
    plural(count('warnings'), 'warning'),
    ...(fault.data['files'] === undefined ? [] : [`${plural(count('files'), 'file')} read`]),
  ].join(', ');
  lines.push(`${fault.nothingChanged ? 'Nothing was changed. ' : ''}${totals}.`);
  return lines.join('\n');
}

/** The exit code that belongs to a fault. */
export function exitCode(fault: Fault): number {
  return FAULT_CODES[fault.code];
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
