import type { ReviewView, WorkspaceView } from '../../../schemas/review.ts';
import { RISKS } from '../../../schemas/plan.ts';
import { cutText, plainText } from '../../show.ts';
import { code, fenced, prose } from '../escape.ts';
import { sentence } from '../pieces.ts';
import { grouped, money, RISK_TEXTS } from '../summary.ts';
import { answersText } from './answers.ts';
import { failures, warnings } from './alerts.ts';
import { downstreamFold, downstreamLine } from './downstream.ts';
import { type FileUrl, placesIn } from './places.ts';
import { progressBar } from './run.ts';
import { unseen } from './sections.ts';
import { stepCounts, type Totals, totalsOf } from './totals.ts';
import { stageVerdict } from './verdict.ts';
import { counted, items, namesText } from './words.ts';

/** Characters of a sentence that others wrote. */
const SAID = 300;

/**
 * The first screen, which decides: the verdict; what is lost or broken; risk, price, steps and approvals at a glance;
 * whom it touches; and what to do next. Bounded, whatever the plans hold.
 */
export function reviewHead(view: ReviewView, fileUrl: FileUrl | undefined): string {
  const totals = totalsOf(view.workspaces);
  const verdict = stageVerdict(view, totals);
  return [
    `### ${verdict.sign} ${prose(verdict.text)}\n`,
    ...warnings(view, totals, fileUrl),
    progress(view),
    failures(view),
    facts(view, totals),
    remarks(view, totals),
    downstreamFold(view, placesIn(fileUrl)),
    next(view),
    answersText(view.answers),
  ]
    .filter(part => part !== '')
    .join('\n');
}

function progress({ stage, workspaces }: ReviewView): string {
  if (stage !== 'applying') return '';
  const counts = stepCounts(workspaces);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const running = workspaces.flatMap(({ run }) => run?.steps.filter(({ status }) => status === 'running') ?? []);
  const now =
    running.length === 0
      ? ''
      : `  \n**Now:** ${namesText(
          running.map(({ key }) => key),
          5,
        )}`;
  const settled = counts.done + counts.failed + counts.skipped;
  const parts = (['done', 'running', 'waiting', 'failed', 'skipped'] as const)
    .filter(status => counts[status] > 0)
    .map(status => `${counts[status]} ${status}`);
  return `\`${progressBar(settled, total)}\` ${parts.join(', ')}${now}\n`;
}

/** One row of facts. Before and during the work they are what decides; after it they are history. */
function facts(view: ReviewView, totals: Totals): string {
  if (totals.steps === 0 || view.stage === 'closed') return '';
  const { approval, workspaces } = view;
  const hasRun = workspaces.some(({ run }) => run !== null);
  const checkpoints = workspaces.reduce((sum, { run }) => sum + (run?.checkpoints ?? 0), 0);
  const level = RISKS.indexOf(view.risk);
  const cells: [string, string][] = [
    ['Risk', `\`${level}/${RISKS.length - 1}\` **${RISK_TEXTS[view.risk]}**`],
    ['Price', priceCell(totals)],
    hasRun ? ['Checkpoints', checkpoints > 0 ? grouped(checkpoints) : ''] : ['Steps', stepsCell(totals)],
    ['Approvals', approvalCell(approval)],
  ];
  const shown = cells.filter(([, text]) => text !== '');
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |\n`;
  return `${line(shown.map(([name]) => name))}${line(shown.map(() => '---'))}${line(shown.map(([, text]) => text))}`;
}

/** No duration is promised: nobody knows it. How many steps have to wait for each other is known. */
function stepsCell({ steps, chain }: Totals): string {
  return chain > 1 ? `${grouped(steps)}, longest chain ${grouped(chain)}` : grouped(steps);
}

/** The difference first: it is what the pull request costs. */
function priceCell({ prices }: Totals): string {
  return prices
    .map(({ currency, before, after, unknown }) => {
      const delta = after - before;
      const rest = unknown.length === 0 ? '' : `, ${grouped(unknown.length)} unknown`;
      const name = prose(cutText(currency, 10));
      if (delta === 0) return `${name} ${money(after)} per month, unchanged${rest}`;
      const sum = `${money(before)} → ${money(after)}`;
      return `**${name} ${delta > 0 ? '+' : '-'}${money(Math.abs(delta))}** per month (${sum}${rest})`;
    })
    .join('; ');
}

function approvalCell({ needed, given, means }: ReviewView['approval']): string {
  if (needed === 0) return 'none needed';
  if (means === 'merge' && given.length === 0) return 'the merge is the approval';
  const missing = needed - given.length;
  return missing > 0 ? `**${given.length} of ${needed}**, ${missing} missing` : `✓ ${given.length} of ${needed}`;
}

function remarks(view: ReviewView, totals: Totals): string {
  const { approval, behind, stage } = view;
  const isOver = stage === 'applied' || stage === 'closed' || stage === 'failed';
  const said = approval.rejected.map(text => prose(cutText(text, SAID)));
  const lines = [
    ...(totals.downstream.length > 0 && !isOver
      ? [`- **Affected downstream:** ${downstream(totals, view.workspaces.length === 1)}`]
      : []),
    ...downstreamLine(view),
    ...approvers(approval),
    ...(said.length === 1 ? [`- **Does not count:** ${said[0] ?? ''}`] : []),
    ...(said.length > 1 ? ['- **Does not count:**', ...items(said, 5).map(line => `  ${line}`)] : []),
    ...(behind.length > 0 ? [`- **Queue:** behind ${queue(behind)}`] : []),
    ...view.workspaces
      .filter(one => !one.isFull)
      .slice(0, 3)
      .map(blindText),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function approvers({ given }: ReviewView['approval']): string[] {
  if (given.length === 0) return [];
  const names = given.slice(0, 10).map(({ by, means }) => `${prose(by)} (${means})`);
  return [`- **Approved by** ${names.join(', ')}${given.length > 10 ? ` and ${given.length - 10} more` : ''}`];
}

function downstream({ downstream: all }: Totals, isAlone: boolean): string {
  const texts = all.slice(0, 3).map(({ workspace, names, roots }) => {
    const rest = names.length === 1 ? 'rests' : 'rest';
    const where = isAlone ? '' : ` in ${code(workspace)}`;
    return `${namesText(names, 6)} ${rest} on ${namesText(roots, 4)}${where}`;
  });
  return `${texts.join('; ')}${all.length > 3 ? `; and in ${counted(all.length - 3, 'more workspace', 'more workspaces')}` : ''}`;
}

function queue(behind: readonly number[]): string {
  const shown = behind.slice(0, 10).map(pull => `#${pull}`);
  return `${shown.join(', ')}${behind.length > 10 ? ` and ${behind.length - 10} more` : ''}`;
}

/** What a plan without accounts is worth, and how to get the other one. */
function blindText({ workspace, plan }: WorkspaceView): string {
  const missing = unseen(plan).length;
  const more = missing === 0 ? '' : ` (${counted(missing, 'provider')} not looked at)`;
  return `- **Not the full plan:** ${code(workspace)} was planned from recorded state only${more}, because the commits come from a fork. Somebody with write access gets the full plan with \`/provisioning plan\``;
}

function next({ next: { text, command } }: ReviewView): string {
  if (text === '' && command === null) return '';
  const words = prose(cutText(text, SAID));
  if (command === null) return `**Next:** ${sentence(words)}\n`;
  return `**Next:** ${sentence(words === '' ? 'comment' : words)}\n\n${fenced('', [plainText(cutText(command, 200))])}`;
}
