import type { Downstream } from '../../schemas/review.ts';
import { cutText, plainText } from '../show.ts';
import { grouped } from './summary.ts';

/** References that a terminal shows. */
const SHOWN = 12;

/** What a plan does to other workspaces, for a terminal: each with its word, and the references behind it. Empty without any. */
export function renderDownstreamText(downstream: readonly Downstream[], width: number): string {
  if (downstream.length === 0) return '';
  const lines = downstream.flatMap(({ workspace, effect, uses }) => [
    `  ${effect.padEnd(10)}  ${workspace}`,
    ...uses.map(({ by, ref, text }) => cutText(plainText(`    ${by} reads ${ref}: ${text}`), Math.max(60, width))),
  ]);
  const more = lines.length > SHOWN ? [`  and ${grouped(lines.length - SHOWN)} more lines`] : [];
  return `\nOther workspaces that read what this changes\n${[...lines.slice(0, SHOWN), ...more].join('\n')}\n`;
}
