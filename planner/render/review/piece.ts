import { RISKS } from '../../../schemas/plan.ts';
import type { WorkspaceView } from '../../../schemas/review.ts';
import { code, prose } from '../escape.ts';
import { sentence } from '../pieces.ts';
import { accountsText, grouped, money, priceText, RISK_TEXTS } from '../summary.ts';
import { type FileUrl, placesIn } from './places.ts';
import type { Fitting, Piece } from './room.ts';
import { sectionText } from './room.ts';
import { runText } from './run.ts';
import { sectionsOf, unseen } from './sections.ts';
import { changesText, counted, html } from './words.ts';

/** Lines that may stand open when there is only one workspace. */
const OPEN = 12;

/** One workspace as a fold with its plan, and as one line for when there is no room for that. */
export function pieceOf(
  one: WorkspaceView,
  { isAlone, fileUrl }: { readonly isAlone: boolean; readonly fileUrl: FileUrl | undefined },
): Piece {
  const sections = sectionsOf(one, placesIn(fileUrl), isAlone);
  const { sign, text } = resultOf(one);
  const changes = one.plan?.changes.length ?? 0;
  const isOpen = isAlone && changes <= OPEN && sections.length > 0;
  const summary = `<b>${html(one.workspace)}</b>: ${sign} ${html(text)}`;
  return {
    weight: RISKS.indexOf(one.plan?.risk ?? 'data-loss') * 100_000 + changes,
    line: `- ${code(one.workspace)}: ${sign} ${prose(text)}\n`,
    isLine: sections.length === 0 && one.isFull,
    before: `\n<details${isOpen ? ' open' : ''}><summary>${summary}</summary>\n${notes(one)}`,
    after: '\n</details>\n',
    sections,
  };
}

/** What is to be said of a workspace in one line. `text` may hold words of others. */
export function resultOf({ plan, fault, run }: WorkspaceView): { readonly sign: string; readonly text: string } {
  if (plan === null) {
    const count = fault?.problems.length ?? 0;
    return { sign: '✗', text: `cannot be planned, ${counted(count, 'error')}` };
  }
  if (run !== null) {
    const [sign = '', ...words] = runText(run).split(' ');
    return { sign, text: words.join(' ') };
  }
  const errors = plan.findings.filter(({ level }) => level === 'error').length;
  const warnings = plan.findings.filter(({ level }) => level === 'warning').length;
  const isIdle = plan.changes.length === 0;
  const text = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    isIdle ? `in sync, ${grouped(plan.counts.unchanged)} unchanged` : changesText(plan.counts),
    ...(isIdle ? [] : [RISK_TEXTS[plan.risk]]),
    ...priceParts(plan.price),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ].join(' · ');
  return { sign: errors > 0 ? '✗' : isIdle ? '✓' : '⚠', text };
}

/** The delta alone: the sums stand above. */
function priceParts(price: Parameters<typeof priceText>[0]): string[] {
  if (price === null || price.after === price.before) return [];
  const delta = price.after - price.before;
  return [`${price.currency} ${delta > 0 ? '+' : '-'}${money(Math.abs(delta))} per month`];
}

function notes({ isFull, plan }: WorkspaceView): string {
  const lines: string[] = [];
  if (!isFull) {
    lines.push(
      '**Planned from recorded state only**, because the commits come from a fork: no account was used. What the real objects are, what they cost, and whether there is stock and quota for new ones was not evaluated. Somebody with write access gets the full plan of exactly this commit with the comment `/provisioning plan`.',
    );
  }
  const accounts = accountsText(plan?.accounts);
  if (accounts !== null) lines.push(`Account: ${prose(accounts)}.`);
  for (const what of unseen(plan)) lines.push(`Not evaluated: ${sentence(prose(what))}`);
  const options = plan?.options;
  if (options !== undefined && options.targets.length > 0)
    lines.push(`Only ${options.targets.map(code).join(', ')} and what they need.`);
  if (options !== undefined && options.excludes.length > 0)
    lines.push(`Left out by command: ${options.excludes.map(code).join(', ')}.`);
  if (options?.allowDeletes != null)
    lines.push(`Deleting exactly ${counted(options.allowDeletes, 'object')} is acknowledged.`);
  return lines.map(line => `\n${line}\n`).join('');
}

/** A piece in the form it got, and how many of which blocks are missing. */
export function pieceText(piece: Piece, { form, taken }: Fitting): string {
  if (form === 'absent') return '';
  if (form === 'line') return piece.line;
  const texts = piece.sections.map((section, index) => sectionText(section, taken[index] ?? []));
  const missing = missingText(piece, taken);
  const notice = missing === '' ? '' : `\n**Left out here: ${missing}.**\n`;
  return `${piece.before}${texts.join('')}${notice}${piece.after}`;
}

/** `3 findings, 4,000 rows of the table`; empty when nothing that is needed is missing. */
export function missingText({ sections }: Piece, taken: Fitting['taken']): string {
  return sections
    .map((section, index) => ({ section, left: section.blocks.length - (taken[index]?.length ?? 0) }))
    .filter(({ section, left }) => section.isNeeded && left > 0)
    .map(({ section: { name }, left }) => counted(left, name[0], name[1]))
    .join(', ');
}

/** Whether something of the plan that belongs to a decision is not shown. */
export function isIncomplete(piece: Piece, { form, taken }: Fitting): boolean {
  if (form === 'fold') return missingText(piece, taken) !== '';
  return form === 'absent' || !piece.isLine;
}
