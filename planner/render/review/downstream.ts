import type { Downstream, DownstreamEffect, ReviewView } from '../../../schemas/review.ts';
import { cutText } from '../../show.ts';
import { code, prose } from '../escape.ts';
import type { PlaceMarkdown } from '../pieces.ts';
import { counted, items, namesText } from './words.ts';

/** The effects with what hits hardest first; the sign only adds to the word. */
const EFFECTS: readonly (readonly [DownstreamEffect, string])[] = [
  ['certain', '⚠'],
  ['possible', '?'],
  ['unaffected', '✓'],
];

/** References that the fold names, and characters of what is said of each. */
const SHOWN = 20;
const SAID = 200;

/** Workspaces that are named for each effect. */
const NAMED = 4;

/** What becomes of the workspaces that read the planned ones: one line. Empty when there are none, or when it is history. */
export function downstreamLine({ downstream = [], stage }: ReviewView): string[] {
  if (downstream.length === 0 || stage === 'closed' || stage === 'applied' || stage === 'failed') return [];
  const parts = EFFECTS.flatMap(([effect, sign]) => {
    const names = downstream.filter(one => one.effect === effect).map(({ workspace }) => workspace);
    return names.length === 0 ? [] : [`${sign} **${effect}** ${namesText(names, NAMED)}`];
  });
  return [`- **Other workspaces:** ${parts.join('; ')}`];
}

/** The references behind that line, folded: who reads what, and what becomes of it. */
export function downstreamFold(view: ReviewView, place: PlaceMarkdown): string {
  const { downstream = [] } = view;
  if (downstreamLine(view).length === 0) return '';
  const uses = EFFECTS.flatMap(([effect]) => downstream.flatMap(one => usesOf(one, effect, place)));
  const summary = `<details><summary>${counted(uses.length, 'reference')} of other workspaces to these</summary>`;
  return `${summary}\n\n${items(uses, SHOWN).join('\n')}\n\n</details>\n`;
}

function usesOf({ workspace, uses }: Downstream, effect: DownstreamEffect, place: PlaceMarkdown): string[] {
  return uses
    .filter(use => use.effect === effect)
    .map(({ by, ref, text, at }) => {
      const where = place(at);
      const tail = where === '' ? '' : ` (${where})`;
      return `${effect}: ${code(workspace)} ${code(by)} reads ${code(cutText(ref, SAID))}: ${prose(cutText(text, SAID))}${tail}`;
    });
}
