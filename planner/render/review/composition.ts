import type { WorkspaceKey } from '../../../schemas/name.ts';
import type { ReviewView } from '../../../schemas/review.ts';
import { code } from '../escape.ts';
import { reviewFoot } from './foot.ts';
import { reviewHead } from './head.ts';
import { isIncomplete, pieceOf, pieceText } from './piece.ts';
import type { FileUrl } from './places.ts';
import { type Fitting, fit, type Measure, type Piece, whole } from './room.ts';
import { counted, namesText } from './words.ts';

/** A comment, and what it could not hold. */
export interface Composition {
  readonly body: string;
  readonly isCut: readonly WorkspaceKey[];
  readonly pieces: readonly Piece[];
  /** What became of each piece. */
  readonly fittings: readonly Fitting[];
}

/** Kept free for the sentence on what is missing altogether. */
const NOTICE = 1_000;

/** Puts a comment together: whole when it fits, otherwise with whole blocks left out and a word about it. */
export function compose(
  view: ReviewView,
  how: {
    readonly limit: number;
    readonly measure: Measure;
    readonly fileUrl: FileUrl | undefined;
    readonly checksUrl: string | undefined;
    readonly marker: string;
  },
): Composition {
  const { limit, measure, fileUrl, checksUrl, marker } = how;
  const pieces = view.workspaces.map(one => pieceOf(one, { isAlone: view.workspaces.length === 1, fileUrl }));
  const [head, foot] = [reviewHead(view, fileUrl), reviewFoot(view)];
  const all = pieces.map(whole);
  const full = `${marker}${head}${bodyOf(pieces, all)}${foot}`;
  if (measure(full) <= limit) return { body: full, isCut: [], pieces, fittings: all };
  for (const [first, last] of [
    [head, foot],
    [head, ''],
    ['', ''],
  ] as const) {
    const room = limit - measure(marker) - measure(first) - measure(last) - NOTICE;
    if (room < 0) continue;
    const fittings = fit(pieces, room, measure);
    const cut = view.workspaces.filter((_, index) => isIncomplete(pieces[index] as Piece, fittings[index] as Fitting));
    const isCut = cut.map(({ workspace }) => workspace);
    const body = `${marker}${first}${notice(isCut, { pieces, fittings, checksUrl })}${bodyOf(pieces, fittings)}${last}`;
    return { body, isCut, pieces, fittings };
  }
  const fittings = pieces.map(() => ({ form: 'absent', taken: [] }) as const);
  const isCut = view.workspaces.map(({ workspace }) => workspace);
  return { body: smallest(marker, limit, measure), isCut, pieces, fittings };
}

function smallest(marker: string, limit: number, measure: Measure): string {
  const text = `${marker}**The plan is too large for this comment.** It is no basis for an approval.\n`;
  if (measure(text) <= limit) return text;
  return measure(marker) <= limit ? marker : '';
}

/** The lines stand together, above the folds. */
function bodyOf(pieces: readonly Piece[], fittings: readonly Fitting[]): string {
  const texts = (form: Fitting['form']) =>
    pieces.map((piece, index) => (fittings[index]?.form === form ? pieceText(piece, fittings[index]) : '')).join('');
  const [lines, folds] = [texts('line'), texts('fold')];
  if (lines === '') return folds;
  return `\n**${folds === '' ? 'Workspaces' : 'Other workspaces'}**\n\n${lines}${folds}`;
}

function notice(
  cut: readonly WorkspaceKey[],
  {
    pieces,
    fittings,
    checksUrl,
  }: Pick<Composition, 'pieces' | 'fittings'> & { readonly checksUrl: string | undefined },
): string {
  if (cut.length === 0) return '';
  const absent = fittings.filter(({ form }) => form === 'absent').length;
  const lines = fittings.filter(({ form }, index) => form === 'line' && pieces[index]?.isLine === false).length;
  const more = [
    ...(absent > 0 ? [`${counted(absent, 'workspace')} not named at all`] : []),
    ...(lines > 0 ? [`${counted(lines, 'workspace')} as one line`] : []),
  ];
  const names = cut.length === 1 ? code(cut[0] ?? '') : `${counted(cut.length, 'workspace')}: ${namesText(cut, 4)}`;
  const further = checksUrl === undefined ? '' : `It goes on in the [checks](${checksUrl}), page by page. `;
  const rest = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return `\n**This comment cannot hold the whole plan of ${names}**${rest}. It is no basis for an approval by comment or label. ${further}\`provisioning plan\` shows everything.\n`;
}
