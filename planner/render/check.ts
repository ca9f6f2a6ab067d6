import type { Annotation, Check } from '../../schemas/forge.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { ReviewView, WorkspaceView } from '../../schemas/review.ts';
import { cutText, plainText } from '../show.ts';
import { annotationsOf } from './review/annotations.ts';
import { compose } from './review/composition.ts';
import { reviewHead } from './review/head.ts';
import { CHECK_BYTES, pagesOf, utf8Bytes } from './review/pages.ts';
import type { FileUrl } from './review/places.ts';
import { pieceOf, pieceText, resultOf } from './review/piece.ts';
import type { Fitting, Piece } from './review/room.ts';
import { totalsOf } from './review/totals.ts';
import { stageVerdict } from './review/verdict.ts';
import { RISK_TEXTS } from './summary.ts';

/** Git hosts show a commit status of at most so many characters. */
const TITLE = 140;

/** Lines that are spoken of: the host takes fifty at a time, and nobody reads more than a few. */
const ANNOTATIONS = 200;

/** The same `fileUrl` that the comment was made with: the text begins where that one ended. */
export interface CheckOptions {
  readonly fileUrl?: FileUrl | undefined;
}

/** What a check says: all but the commit and the state it stands for. */
export type CheckText = Pick<Check, 'title' | 'summary' | 'text' | 'annotations'>;

/**
 * The plans of a pull request, or of one workspace, as a check run. The summary is the first screen of the comment; the
 * text goes on where the comment ended, or holds everything again when the comment held it. Findings and problems that
 * have a place stand at their lines. Summary and text are 65,535 bytes each at most: the host counts bytes here.
 */
export function renderCheck(view: WorkspaceView | ReviewView, options: CheckOptions = {}): CheckText {
  const workspaces = 'workspaces' in view ? view.workspaces : [view];
  const title = cutText(plainText(titleOf(view)), TITLE);
  const summary = 'workspaces' in view ? reviewHead(view, options.fileUrl) : lineOf(view);
  return {
    title,
    summary: utf8Bytes(summary) <= CHECK_BYTES ? summary : title,
    text: renderCheckPages(view, options)[0] ?? '',
    annotations: worstFirst(workspaces.flatMap(annotationsOf)).slice(0, ANNOTATIONS),
  };
}

/** The text of `renderCheck` and what did not fit into it, each page small enough for a check of its own. Empty when there is nothing to show. */
export function renderCheckPages(view: WorkspaceView | ReviewView, options: CheckOptions = {}): string[] {
  const { fileUrl } = options;
  if (!('workspaces' in view)) return pagesOf([pieceOf(view, { isAlone: true, fileUrl })], null);
  const marker = `<!-- provisioning:review ${view.pull} -->\n<!-- provisioning:stage ${view.stage} -->\n`;
  const measure = (text: string) => text.length;
  const how = { limit: LIMITS.commentCharacters, measure, fileUrl, checksUrl: undefined, marker };
  const { pieces, fittings, isCut } = compose(view, how);
  return pagesOf(pieces, isCut.length === 0 ? null : fittings);
}

function worstFirst(annotations: readonly Annotation[]): Annotation[] {
  const levels: readonly Annotation['level'][] = ['failure', 'warning', 'notice'];
  return levels.flatMap(level => annotations.filter(annotation => annotation.level === level));
}

function titleOf(view: WorkspaceView | ReviewView): string {
  if (!('workspaces' in view)) return `${view.workspace}: ${resultOf(view).text}`;
  const totals = totalsOf(view.workspaces);
  const { sign, text } = stageVerdict(view, totals);
  return view.stage === 'planned' && totals.steps > 0 && sign !== '✗' ? `${text} (${RISK_TEXTS[view.risk]})` : text;
}

function lineOf(view: WorkspaceView): string {
  const piece: Piece = { ...pieceOf(view, { isAlone: true, fileUrl: undefined }), sections: [] };
  const line: Fitting = { form: 'line', taken: [] };
  return pieceText(piece, line);
}
