import type { Change, Finding } from '../../schemas/plan.ts';
import { rulesOf } from '../rules.ts';
import { cutText, plainText, showValue } from '../show.ts';
import { type Row, rowsOf } from './body.ts';
import { readingOrder } from './delta.ts';
import { code, prose } from './escape.ts';
import { FINDING_SIGNS, type Line, placeText } from './summary.ts';

/** A place in a file as Markdown: a link, or its name alone. Empty for no place. */
export type PlaceMarkdown = (at: Change['at']) => string;

/** `infra/web.yaml:12` as a code span: where nobody knows an address for it. */
export const placeCode: PlaceMarkdown = at => (at === undefined ? '' : code(placeText(at)));

/** Head of a table of changes. */
export const CHANGE_HEAD = '| | Change | Resource | Why | Where |\n|---|---|---|---|---|\n';

/** One change as a row below `CHANGE_HEAD`. */
export function changeRow({ sign, word, change }: Line, place: PlaceMarkdown): string {
  const why = prose(cutText(change.why, 160));
  return `| ${code(sign)} | ${word} | ${code(change.address)} | ${why} | ${place(change.at)} |\n`;
}

/** One finding as an item of a list, with its reason and remedy below. */
export function findingItem(finding: Finding, place: PlaceMarkdown): string {
  const at = place(finding.at);
  const where = at === '' ? '' : ` (${at})`;
  const why = finding.why === undefined ? '' : `\n  Why: ${sentence(prose(finding.why))}`;
  const fix = finding.fix === undefined ? '' : `\n  Fix: ${sentence(prose(finding.fix))}`;
  return `\n- ${FINDING_SIGNS[finding.level]} **${finding.level}** ${prose(finding.what)}${where} ${code(finding.id)}${why}${fix}\n`;
}

/** A sentence with its full stop, whether it came with one or not. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** One change as lines of a diff fence: Git hosts colour lines by their first character, and `!` where something changes. */
export function diffLines(line: Line): string[] {
  const { sign, word, change } = line;
  const mark = { '+': '+', '-': '-', '~': '!', '±': '!', '→': '!', '✕': '-' }[sign];
  const rows = [
    ...rowsOf(line, Number.POSITIVE_INFINITY),
    ...(word === 'delete' ? goneRows(change) : []),
    ...lossRows(line),
  ];
  const long = Math.min(24, Math.max(0, ...rows.map(one => one.name.length)));
  return [`${mark} ${word} ${plainText(change.address)}`, ...rows.flatMap(row => rowLines(row, long))];
}

function rowLines({ sign, name, text, effect, lines }: Row, long: number): string[] {
  const tail = effect === '' ? '' : `  # ${effect}`;
  const mark = sign === '~' ? '!' : sign;
  if (lines === undefined) return [`${mark}   ${name.padEnd(long)}  ${text}${tail}`];
  return [`${mark}   ${name}${tail}`, ...lines.map(line => `${line.sign}       ${line.text}`.trimEnd())];
}

/** What was recorded of an object that goes: in a diff it stands on lines that go. */
function goneRows({ before, id, kind }: Change): Row[] {
  const spec = before ?? {};
  const rules = rulesOf(kind, undefined);
  const rows: Row[] = readingOrder(Object.keys(spec)).map(field => ({
    sign: '-',
    name: plainText(field),
    text: rules?.field(field).writeOnly === true ? '(hidden)' : showValue(spec[field], Number.POSITIVE_INFINITY),
    effect: '',
  }));
  return id === undefined ? rows : [{ sign: ' ', name: 'id', text: plainText(id), effect: '' }, ...rows];
}

function lossRows({ word, change, old }: Line): Row[] {
  const { inverse, risk } = old ?? change;
  if ((word !== 'delete' && word !== 'replace') || inverse.loses.length === 0 || risk === 'none') return [];
  return [{ sign: '-', name: 'lost for good', text: plainText(inverse.loses.join(', ')), effect: '' }];
}
