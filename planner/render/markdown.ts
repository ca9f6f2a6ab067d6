import { LIMITS } from '../../schemas/limits.ts';
import type { Plan } from '../../schemas/plan.ts';
import { cutText } from '../show.ts';
import { code, fenced, prose } from './escape.ts';
import { CHANGE_HEAD, changeRow, diffLines, findingItem, placeCode } from './pieces.ts';
import { accountsText, grouped, type Line, linesOf, lossesOf, priceText, RISK_TEXTS, verdictOf } from './summary.ts';
import { READING_ORDER } from './text.ts';

/** Characters kept free for the sentence that says what was left out. */
const RESERVED = 500;
/** The table may take this share of what the head leaves, so that there is room for values too. */
const TABLE_PERCENT = 40;
const LOSSES_SHOWN = 10;
const NO_BASIS = 'It is no basis for an approval.';

/**
 * The plan as one comment of a Git host: verdict, risk, price and next command first, then findings, a table of all
 * changes and their values in folded blocks. Never longer than `limit` characters (`LIMITS.commentCharacters` unless
 * told): whole blocks are left out, never a part of one, and the comment then says how many, and that it is no basis for an approval.
 */
export function renderPlanMarkdown(plan: Plan, options: { readonly limit?: number } = {}): string {
  const limit = options.limit ?? LIMITS.commentCharacters;
  const lines = inReadingOrder(plan);
  const first = head(plan);
  const lost = losses(plan);
  const room = limit - RESERVED - first.length;
  if (room < 0)
    return cutText(`**Plan ${plan.digest.slice(0, 12)} is too large for this comment.** ${NO_BASIS}`, limit);
  const findings = fitting(
    plan.findings.map(finding => findingItem(finding, placeCode)),
    room,
  );
  const afterFindings = room - findings.used - lost.length;
  const table = fitting(
    lines.map(line => changeRow(line, placeCode)),
    (afterFindings * TABLE_PERCENT) / 100 - TABLE_HEAD.length,
  );
  const blocks = fitting(
    lines.map(line => fenced('diff', diffLines(line))),
    afterFindings - table.used - TABLE_HEAD.length - FOLD.length - FOLD_END.length,
  );
  return [
    first,
    section(findings.taken),
    afterFindings >= 0 ? lost : '',
    section(table.taken, TABLE_HEAD),
    section(blocks.taken, FOLD, FOLD_END),
    omissions(plan, { findings: findings.left, rows: table.left, blocks: blocks.left }),
  ].join('');
}

const TABLE_HEAD = `\n${CHANGE_HEAD}`;
const FOLD = '\n<details><summary>All values</summary>\n\n';
const FOLD_END = '\n</details>\n';

function section(texts: readonly string[], before = '', after = ''): string {
  return texts.length === 0 ? '' : `${before}${texts.join('')}${after}`;
}

/** The texts that fit into the room, whole ones only; one that is too long makes room for shorter ones. */
function fitting(texts: readonly string[], room: number): { taken: readonly string[]; used: number; left: number } {
  let used = 0;
  const taken: string[] = [];
  for (const text of texts) {
    if (used + text.length > room) continue;
    used += text.length;
    taken.push(text);
  }
  return { taken, used, left: texts.length - taken.length };
}

function inReadingOrder(plan: Plan): Line[] {
  const lines = linesOf(plan);
  return READING_ORDER.flatMap(word => lines.filter(line => line.word === word));
}

/** Also tells programs which workspace and plan the comment is about; ours is found by this first line. */
function head(plan: Plan): string {
  const verdict = verdictOf(plan);
  const short = plan.digest.slice(0, 12);
  const facts = [`commit ${code(plan.commit.slice(0, 10))}`, `plan ${code(short)}`];
  const lines = [
    `<!-- provisioning:plan ${plan.workspace} ${plan.digest} -->`,
    `### ${verdict.sign} ${prose(plan.workspace)}: ${prose(verdict.text)}`,
    '',
  ];
  if (plan.changes.length > 0) lines.push(`**Risk: ${RISK_TEXTS[plan.risk]}** · ${facts.join(' · ')}`);
  else lines.push(facts.join(' · '));
  const accounts = accountsText(plan.accounts);
  if (accounts !== null && plan.changes.length > 0) lines.push('', `**Account:** ${prose(accounts)}`);
  const price = priceText(plan.price);
  if (price !== null) lines.push('', `**Price:** ${prose(price)}`);
  if (verdict.next !== null) lines.push('', 'Next, once it is reviewed:', fenced('sh', [verdict.next]).trimEnd());
  return `${lines.join('\n')}\n`;
}

function losses(plan: Plan): string {
  const lost = lossesOf(plan);
  if (lost.length === 0) return '';
  const shown = lost
    .slice(0, LOSSES_SHOWN)
    .map(({ address, loses }) => `- ${code(address)}: ${prose(loses.join(', '))}`);
  const more = lost.length > LOSSES_SHOWN ? [`- and more of ${grouped(lost.length - LOSSES_SHOWN)} others`] : [];
  return `\n**Lost for good, also after a rollback:**\n\n${[...shown, ...more].join('\n')}\n`;
}

function omissions(
  plan: Plan,
  missing: { readonly findings: number; readonly rows: number; readonly blocks: number },
): string {
  const parts = [
    part(missing.findings, 'finding'),
    part(missing.rows, 'row of the table', 'rows of the table'),
    part(missing.blocks, 'change with its values', 'changes with their values'),
  ].filter(text => text !== null);
  if (parts.length === 0) return '';
  const sentence = `**This comment is too small for the whole plan: ${parts.join(', ')} left out.**`;
  return `\n${sentence} ${NO_BASIS} See everything with ${code(`provisioning plan --commit ${plan.commit.slice(0, 10)}`)}.\n`;
}

function part(count: number, one: string, many = `${one}s`): string | null {
  return count === 0 ? null : `${grouped(count)} ${count === 1 ? one : many}`;
}
