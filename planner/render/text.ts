import type { Finding, Plan } from '../../schemas/plan.ts';
import { cutText, plainText } from '../show.ts';
import { type Row, rowsOf } from './body.ts';
import { type Paint, painter } from './paint.ts';
import {
  accountsText,
  countsText,
  FINDING_SIGNS,
  grouped,
  type Line,
  linesOf,
  lossesOf,
  placeText,
  priceText,
  RISK_TEXTS,
  verdictOf,
} from './summary.ts';

/** How a terminal shows text: `width` in columns; at least 60 are used. */
export interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
  /** The workspace asks for a review before anything is applied. */
  readonly asksFirst?: boolean;
}

/** With more new objects than this, each takes one line. */
const UNFOLDED = 20;

interface Layout {
  readonly paint: Paint;
  readonly width: number;
  readonly asksFirst: boolean;
}

/**
 * The plan for a terminal: first what it amounts to, what it risks and costs, and the next command; then what stands
 * against it; then every change, the dangerous ones first. Colour only adds to the words and signs, it replaces none.
 */
export function renderPlanText(plan: Plan, options: TextOptions): string {
  const { asksFirst = false } = options;
  const layout: Layout = { paint: painter(options.colour), width: Math.max(60, options.width), asksFirst };
  const blocks = [head(plan, layout), findings(plan, layout), losses(plan, layout), ...groups(plan, layout)];
  return `${blocks
    .filter(block => block.length > 0)
    .map(block => block.join('\n'))
    .join('\n\n')}\n`;
}

function head(plan: Plan, { paint, asksFirst }: Layout): string[] {
  const verdict = verdictOf(plan);
  const tone = verdict.sign === '✓' ? paint.green : verdict.sign === '✗' ? paint.red : paint.yellow;
  const lines = [`${tone(verdict.sign)} ${paint.bold(`${plan.workspace}: ${verdict.text}`)}`];
  const row = (name: string, text: string) => lines.push(`  ${paint.dim(name.padEnd(8))}${text}`);
  if (plan.changes.length > 0) {
    if (verdict.sign === '✗') row('changes', countsText(plan.counts));
    const severe = plan.risk === 'data-loss' || plan.risk === 'destroy' || plan.risk === 'replace';
    row('risk', severe ? paint.red(RISK_TEXTS[plan.risk]) : RISK_TEXTS[plan.risk]);
  }
  const accounts = accountsText(plan.accounts);
  if (accounts !== null && plan.changes.length > 0) row('account', accounts);
  const price = priceText(plan.price);
  if (price !== null) row('price', price);
  if (plan.changes.length > 0)
    row('plan', `${plan.digest.slice(0, 12)} ${paint.dim(`of commit ${plan.commit.slice(0, 10)}`)}`);
  if (verdict.next !== null && asksFirst) {
    row(
      'next',
      `${paint.bold(`provisioning approve ${plan.digest.slice(0, 12)}`)}, because this workspace asks for review`,
    );
    row('then', verdict.next);
  } else if (verdict.next !== null) row('next', paint.bold(verdict.next));
  return lines;
}

function findings(plan: Plan, layout: Layout): string[] {
  return plan.findings.flatMap(finding => findingLines(finding, layout));
}

function findingLines(finding: Finding, { paint }: Layout): string[] {
  const tone = { error: paint.red, warning: paint.yellow, note: paint.dim }[finding.level];
  const place = placeText(finding.at);
  const tail = paint.dim(`${finding.id}${place === '' ? '' : `  ${place}`}`);
  const lines = [
    `${tone(`${FINDING_SIGNS[finding.level]} ${finding.level}`.padEnd(9))}  ${plainText(finding.what)}  ${tail}`,
  ];
  if (finding.why !== undefined) lines.push(`           ${paint.dim('why')}  ${plainText(finding.why)}`);
  if (finding.fix !== undefined) lines.push(`           ${paint.dim('fix')}  ${plainText(finding.fix)}`);
  return lines;
}

function losses(plan: Plan, { paint }: Layout): string[] {
  const lost = lossesOf(plan);
  if (lost.length === 0) return [];
  const long = Math.max(...lost.slice(0, 10).map(({ address }) => address.length));
  const shown = lost.slice(0, 10).map(({ address, loses }) => `  ${address.padEnd(long)}  ${loses.join(', ')}`);
  const more =
    lost.length > shown.length ? [paint.dim(`  and more of ${grouped(lost.length - shown.length)} others`)] : [];
  return [paint.red('Lost for good, also after a rollback'), ...shown, ...more];
}

/** The order in which people should look: what ends something first. */
export const READING_ORDER = ['replace', 'delete', 'update', 'adopt', 'create', 'forget'] as const;

function groups(plan: Plan, layout: Layout): string[][] {
  const lines = linesOf(plan);
  return READING_ORDER.flatMap(word => {
    const group = lines.filter(line => line.word === word);
    if (group.length === 0) return [];
    const long = Math.min(48, Math.max(...group.map(line => line.change.address.length)));
    if (word === 'create' && group.length > UNFOLDED) return [group.map(line => titleOf(line, layout, long))];
    return paragraphs(
      group.map(line => [titleOf(line, layout, long), ...rowLines(rowsOf(line, layout.width - 24), layout)]),
    );
  });
}

/** Changes that take one line stand together; the others apart. */
function paragraphs(blocks: readonly string[][]): string[][] {
  const apart: string[][] = [];
  let before = 0;
  for (const block of blocks) {
    if (block.length === 1 && before === 1) apart.at(-1)?.push(...block);
    else apart.push([...block]);
    before = block.length;
  }
  return apart;
}

function titleOf({ sign, word, change }: Line, { paint, width }: Layout, long: number): string {
  const place = placeText(change.at);
  const room = Math.max(24, width - long - place.length - 18);
  const id = (word === 'delete' || word === 'forget') && change.id !== undefined ? ` (${plainText(change.id)})` : '';
  const why = `${cutText(plainText(change.why), room)}${id}`;
  const tail = place === '' ? '' : `  ${paint.dim(place)}`;
  return `${paint.of(sign)(`${sign} ${word.padEnd(7)}`)}  ${paint.bold(change.address.padEnd(long))}  ${why}${tail}`;
}

function rowLines(rows: readonly Row[], { paint }: Layout): string[] {
  const long = Math.min(24, Math.max(0, ...rows.map(row => row.name.length)));
  return rows.flatMap(({ sign, name, text, effect, lines = [] }) => {
    const tail = effect === '' ? '' : `  ${paint.yellow(`# ${effect}`)}`;
    const row = `    ${paint.of(sign)(sign)} ${name.padEnd(long)}  ${sign === ' ' ? paint.dim(text) : text}${tail}`;
    return [row, ...lines.map(line => `        ${paint.of(line.sign)(`${line.sign} ${line.text}`)}`)];
  });
}
