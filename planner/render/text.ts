import type { Change, FieldChange, Plan } from '../../schemas/plan.ts';
import { cutText, plainText } from '../show.ts';
import { deltasOf } from './delta.ts';
import { detailsOf } from './details.ts';
import { type Paint, painter } from './paint.ts';
import { FINDING_SIGNS, type Line, linesOf, lossesOf, placeText, priceText, RISK_TEXTS, verdictOf } from './summary.ts';

/** How a terminal shows text: `width` in columns, at least 40 are used. */
export interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
}

/** With more new objects than this, each takes one line. */
const UNFOLDED = 20;

/**
 * The plan for a terminal: first what it amounts to, what it risks and costs, and the next command; then what stands
 * against it; then every change, the dangerous ones first. Colour only adds to the words and signs, it replaces none.
 */
export function renderPlanText(plan: Plan, options: TextOptions): string {
  const width = Math.max(40, options.width);
  const paint = painter(options.colour);
  const blocks = [head(plan, paint), findings(plan, paint, width), losses(plan, paint), ...changes(plan, paint, width)];
  return `${blocks.filter(block => block.length > 0).map(block => block.join('\n')).join('\n\n')}\n`;
}

function head(plan: Plan, paint: Paint): string[] {
  const verdict = verdictOf(plan);
  const tone = verdict.sign === '✓' ? paint.green : verdict.sign === '✗' ? paint.red : paint.bold;
  const lines = [`${tone(`${verdict.sign} ${plan.workspace}`)}  ${paint.bold(verdict.text)}`];
  const row = (name: string, text: string) => lines.push(`  ${paint.dim(name.padEnd(7))}${text}`);
  if (plan.changes.length > 0) {
    const risk = `${plan.risk}: ${RISK_TEXTS[plan.risk]}`;
    const severe = plan.risk === 'data-loss' || plan.risk === 'destroy';
    if (verdict.next === null) row('plan', verdict.text.startsWith('cannot') ? changesText(plan) : verdict.text);
    row('risk', severe ? paint.red(risk) : risk);
  }
  const price = priceText(plan.price);
  if (price !== null) row('price', price);
  row('digest', `${plan.digest.slice(0, 12)} ${paint.dim(`of commit ${plan.commit.slice(0, 10)}`)}`);
  if (verdict.next !== null) row('next', paint.bold(verdict.next));
  return lines;
}

function changesText({ counts }: Plan): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name === 'unchanged' ? name : `to ${name}`}`)
    .join(', ');
}

function findings(plan: Plan, paint: Paint, width: number): string[] {
  const tones = { error: paint.red, warning: paint.yellow, note: paint.dim };
  return plan.findings.flatMap(finding => {
    const place = placeText(finding.at);
    const lines = [
      `${tones[finding.level](`${FINDING_SIGNS[finding.level]} ${finding.level}`)}  ${plainText(finding.what)}  ${paint.dim(`${finding.id}${place === '' ? '' : ` ${place}`}`)}`,
    ];
    if (finding.why !== undefined) lines.push(`    why: ${cutText(plainText(finding.why), width * 2)}`);
    if (finding.fix !== undefined) lines.push(`    fix: ${plainText(finding.fix)}`);
    return lines;
  });
}

function losses(plan: Plan, paint: Paint): string[] {
  const lost = lossesOf(plan);
  if (lost.length === 0) return [];
  const shown = lost.slice(0, 10).map(({ address, loses }) => `  ${address}: ${loses.join(', ')}`);
  const more = lost.length > shown.length ? [paint.dim(`  and of ${lost.length - shown.length} more`)] : [];
  return [paint.red('Lost for good, also after a rollback:'), ...shown, ...more];
}

const GROUPS = ['replace', 'delete', 'update', 'adopt', 'create', 'forget'] as const;

function changes(plan: Plan, paint: Paint, width: number): string[][] {
  const lines = linesOf(plan);
  const long = Math.min(44, Math.max(0, ...lines.map(line => line.change.address.length)));
  return GROUPS.map(word => {
    const group = lines.filter(line => line.word === word);
    const folded = word === 'create' && group.length > UNFOLDED;
    return group.flatMap(line => changeLines(line, { paint, width, long, folded }));
  });
}

interface Layout {
  readonly paint: Paint;
  readonly width: number;
  /** Columns that the addresses take. */
  readonly long: number;
  readonly folded: boolean;
}

function changeLines(line: Line, { paint, width, long, folded }: Layout): string[] {
  const { sign, word, change } = line;
  const tone = paint.of(sign);
  const place = placeText(change.at);
  const name = change.address.padEnd(long);
  const why = cutText(plainText(change.why), Math.max(24, width - long - 14));
  const top = `${tone(`${sign} ${word.padEnd(7)}`)}  ${paint.bold(name)}  ${why}`;
  const side = place === '' ? '' : `  ${paint.dim(place)}`;
  const lines = [`${top}${side}`];
  if (folded) return lines;
  for (const detail of detailsOf(line)) lines.push(`    ${paint.dim(detail.name.padEnd(7))} ${detail.text}`);
  for (const field of change.fields) lines.push(...fieldLines(field, paint, width));
  if (word === 'create' || word === 'adopt') lines.push(...specLines(change, paint, width));
  return lines;
}

function fieldLines(field: FieldChange, paint: Paint, width: number): string[] {
  const deltas = deltasOf(field);
  return deltas.map((delta, index) => {
    const effect = index === 0 ? effectText(field) : '';
    return `    ${paint.of(delta.sign)(delta.sign)} ${deltaText(delta, width - 8)}${effect === '' ? '' : `  ${paint.dim(effect)}`}`;
  });
}
