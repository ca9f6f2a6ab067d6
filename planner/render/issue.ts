import type { Json } from '../../schemas/json.ts';
import type { WorkspaceKey } from '../../schemas/name.ts';
import type { CommandAnswer } from '../../schemas/review.ts';
import { cutText, plainText, showValue } from '../show.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { DRIFT_SIGNS } from './drift.ts';
import { code, fenced, prose } from './escape.ts';
import { answersText } from './review/answers.ts';
import { sectionText, type Section, fit, whole, type Piece } from './review/room.ts';
import { missingText } from './review/piece.ts';
import { counted } from './review/words.ts';
import type { DriftStatus } from '../drift.ts';

/** What differs between the record of a workspace and the real objects. */
export interface DriftView {
  readonly workspace: WorkspaceKey;
  readonly entries: readonly {
    readonly status: DriftStatus;
    readonly address?: string | null;
    /** One sentence without a full stop. */
    readonly text: string;
    readonly fields: readonly { readonly path: string; readonly recorded: Json; readonly observed: Json }[];
  }[];
  /** Day on which it was seen first, `2026-11-23`. */
  readonly since?: string | null;
  /** Day until which nobody wants to hear of it. */
  readonly snoozedUntil: string | null;
  /** Newest first. */
  readonly answers?: readonly CommandAnswer[];
}

const HEAD = '| | What | Resource | |\n|---|---|---|---|\n';
/** The standing issue of a workspace whose real objects are not as they were left: what differs, and the three ways out of it. */
export function renderIssue(view: DriftView): { readonly title: string; readonly body: string } {
  const { entries, workspace } = view;
  const name = workspace.replace(/[^a-z0-9@-]/g, '');
  const title = `Drift in ${plainText(workspace)}: ${counted(entries.length, 'difference')}`;
  const head = headOf(view, name);
  const answers = answersText(view.answers ?? []);
  const foot = answers === '' ? '' : `\n${answers}`;
  const piece = { ...FRAME, sections: [tableOf(view), valuesOf(view)].filter(({ blocks }) => blocks.length > 0) };
  const full = `${head}${textOf(piece, whole(piece).taken)}${foot}`;
  if (full.length <= LIMITS.commentCharacters) return { title, body: full };
  const [fitting] = fit([piece], LIMITS.commentCharacters - head.length - foot.length - FRAME.before.length, size);
  return { title, body: `${head}${textOf(piece, fitting?.taken ?? [])}${foot}` };
}

const FRAME: Piece = { weight: 0, line: '', isLine: false, before: '', after: '', sections: [] };

function size(text: string): number {
  return text.length;
}

function headOf({ entries, since, snoozedUntil, workspace }: DriftView, name: string): string {
  const quiet = snoozedUntil === null ? [] : [`**Snoozed until ${prose(snoozedUntil)}.**`, ''];
  const first = since == null ? '' : `, seen first on ${prose(since)}`;
  return [
    `<!-- provisioning:drift ${name} -->`,
    `### ! ${prose(workspace)} is not as it was left: ${counted(entries.length, 'difference')}${first}`,
    '',
    ...quiet,
    'Somebody or something changed real objects outside of the files. One of three comments decides:',
    '',
    '| Comment | What it does |',
    '|---|---|',
    '| `/provisioning fix` | make the objects again as the files say |',
    '| `/provisioning adopt` | open a pull request that writes what is there into the files |',
    '| `/provisioning snooze 2030-01-31` | close this issue until that day |',
    '',
  ].join('\n');
}

function tableOf({ entries }: DriftView): Section {
  const blocks = entries.map(({ status, address, text }) => {
    const what = prose(cutText(text, 300));
    return `| ${code(DRIFT_SIGNS[status])} | ${status} | ${code(address ?? '')} | ${what} |\n`;
  });
  return { name: ['difference', 'differences'], layer: 0, isNeeded: true, before: `\n${HEAD}`, after: '', blocks };
}

/** What is recorded goes, what is there comes: the diff reads from the record to the world. */
function valuesOf({ entries }: DriftView): Section {
  const blocks = entries
    .filter(({ fields }) => fields.length > 0)
    .map(({ address, fields }) => {
      const lines = fields.flatMap(({ path, recorded, observed }) => [
        `-   ${plainText(path)}  ${showValue(recorded, Number.POSITIVE_INFINITY)}`,
        `+   ${plainText(path)}  ${showValue(observed, Number.POSITIVE_INFINITY)}`,
      ]);
      return `! ${plainText(address ?? '')}\n${lines.join('\n')}\n\n`;
    });
  const [open = '', , close = ''] = fenced('diff', [blocks.join('').replaceAll('\n', ' ')]).split('\n');
  const before = `\nRecorded (\`-\`) and found (\`+\`):\n\n${open}\n`;
  const name = ['object with its values', 'objects with their values'] as const;
  return { name, layer: 1, isNeeded: true, before, after: `${close}\n`, blocks };
}

function textOf(piece: Piece, taken: readonly (readonly number[])[]): string {
  const missing = missingText(piece, taken);
  const notice = missing === '' ? '' : `\n**Left out here: ${missing}.** \`provisioning drift\` shows everything.\n`;
  return `${piece.sections.map((section, index) => sectionText(section, taken[index] ?? [])).join('')}${notice}`;
}
