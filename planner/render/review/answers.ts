import type { CommandAnswer } from '../../../schemas/review.ts';
import { cutText } from '../../show.ts';
import { code, prose } from '../escape.ts';
import { sentence } from '../pieces.ts';

/** Answers that are shown: the newest. */
const SHOWN = 3;

/** What became of the last commands; empty when there was none. */
export function answersText(answers: readonly CommandAnswer[]): string {
  if (answers.length === 0) return '';
  const lines = answers.slice(0, SHOWN).map(({ by, command, outcome, text }) => {
    const sign = outcome === 'done' ? '✓' : '✗';
    const who = `${code(cutText(command, 80))} by ${prose(cutText(by, 40))}`;
    return `- ${sign} ${outcome}: ${who}. ${sentence(prose(cutText(text, 300)))}`;
  });
  return `**Answers**\n\n${lines.join('\n')}\n`;
}
