import { blindSpots } from '../../blind.ts';
import type { Finding, Plan } from '../../../schemas/plan.ts';
import type { WorkspaceView } from '../../../schemas/review.ts';
import { plainText } from '../../show.ts';
import { sortedBy } from '../../sort.ts';
import { fenced, prose } from '../escape.ts';
import { renderPlanMermaid } from '../mermaid.ts';
import { CHANGE_HEAD, changeRow, diffLines, findingItem, type PlaceMarkdown } from '../pieces.ts';
import { type Line, linesOf } from '../summary.ts';
import { READING_ORDER } from '../text.ts';
import { problemItem } from './problems.ts';
import type { Section } from './room.ts';
import { STEP_HEAD, stepRow } from './run.ts';
import { type Loss, lossGroups, LOSSES_SHOWN, LOST_NAMES_SHOWN } from './totals.ts';
import { counted, namesText } from './words.ts';

/** Beyond this number of nodes a picture says less than the table. */
const DRAWN = 60;
/** Objects that one item of the list of losses names. */
const NAMED = 12;

/** Everything to say about one workspace, in the order of reading. `isAlone`: it is the only one, and the first screen is about it. What stands in a higher layer is left out first. */
export function sectionsOf(view: WorkspaceView, place: PlaceMarkdown, isAlone: boolean): Section[] {
  const { plan, fault, run } = view;
  if (plan === null) {
    const problems = fault?.problems ?? [];
    return [
      list(
        'problem',
        problems.map(problem => problemItem(problem, place)),
      ),
    ];
  }
  const lines = inReadingOrder(plan);
  const hasSteps = run !== null && run.steps.length > 0;
  const isWhole = hasSteps && run.steps.length >= plan.changes.length;
  return [
    differences(view.differences),
    list(
      'finding',
      bySeverity(plan.findings).map(finding => findingItem(finding, place)),
    ),
    isAlone && isTold(plan) ? NOTHING : losses(lossGroups([plan])),
    hasSteps ? table(['step', 'steps'], STEP_HEAD, run.steps.map(stepRow)) : NOTHING,
    isWhole
      ? NOTHING
      : table(
          ROW,
          CHANGE_HEAD,
          lines.map(line => changeRow(line, place)),
        ),
    values(lines, hasSteps),
    notes(plan.findings.filter(({ level }) => level === 'note').map(finding => findingItem(finding, place))),
    graph(plan),
  ].filter(section => section.blocks.length > 0);
}

const ROW = ['row of the table', 'rows of the table'] as const;

const NOTHING: Section = { name: ['', ''], layer: 0, isNeeded: false, before: '', after: '', blocks: [] };

/** The changes with the dangerous ones first. */
function inReadingOrder(plan: Plan): Line[] {
  const lines = linesOf(plan);
  return READING_ORDER.flatMap(word => lines.filter(line => line.word === word));
}

function bySeverity(findings: readonly Finding[]): Finding[] {
  const levels: readonly Finding['level'][] = ['error', 'warning'];
  return levels.flatMap(level => findings.filter(finding => finding.level === level));
}

function list(name: string, blocks: readonly string[]): Section {
  return { name: [name, `${name}s`], layer: 1, isNeeded: true, before: '', after: '', blocks };
}

/** What is good to know, below what has to be known. */
function notes(blocks: readonly string[]): Section {
  const tight = blocks.map(block => block.trimStart());
  return { name: ['note', 'notes'], layer: 4, isNeeded: true, before: '\n', after: '', blocks: tight };
}

function table(name: Section['name'], head: string, blocks: readonly string[]): Section {
  return { name, layer: 3, isNeeded: true, before: `\n${head}`, after: '', blocks };
}

/** The first screen names all that is lost: nobody needs it twice. */
function isTold(plan: Plan): boolean {
  const groups = lossGroups([plan]);
  return groups.length <= LOSSES_SHOWN && groups.every(({ addresses }) => addresses.length <= LOST_NAMES_SHOWN);
}

/** Many objects lose the same, so they share an item, but no item grows without bound. */
function losses(groups: readonly Loss[]): Section {
  const blocks = groups.flatMap(({ what, addresses }) => {
    const parts: string[] = [];
    for (let at = 0; at < addresses.length; at += NAMED) {
      const names = addresses.slice(at, at + NAMED);
      parts.push(`- ${prose(what)}: ${namesText(names, NAMED)}\n`);
    }
    return parts;
  });
  const before = '\n**Lost for good, also after a rollback:**\n\n';
  return { name: ['loss', 'losses'], layer: 2, isNeeded: true, before, after: '', blocks };
}

/** The old values and the new ones, in one fence, so that it reads like any other diff. */
function values(lines: readonly Line[], isFolded: boolean): Section {
  const name = ['change with its values', 'changes with their values'] as const;
  const section = diff(
    name,
    lines.map(line => `${diffLines(line).join('\n')}\n\n`),
  );
  // Once the work has begun, the steps tell the story.
  if (!isFolded) return section;
  const before = `\n<details><summary>The plan: old values and new ones</summary>\n${section.before}`;
  return { ...section, before, after: `${section.after}\n</details>\n` };
}

/** Why the plan of now is not the reviewed one. */
function differences(texts: readonly string[]): Section {
  const before = '\n**What differs from the reviewed plan:**\n\n';
  const blocks = texts.map(text => {
    const sign = text.startsWith('new: ') ? '+' : text.startsWith('no longer planned: ') ? '-' : '!';
    return `${sign} ${plainText(text)}\n`;
  });
  const section = diff(['difference', 'differences'], blocks);
  return { ...section, layer: 1, before: `${before}${section.before.trimStart()}` };
}

function diff(name: Section['name'], blocks: readonly string[]): Section {
  const [open = '', , close = ''] = fenced('diff', [blocks.join('').replaceAll('\n', ' ')]).split('\n');
  return { name, layer: 4, isNeeded: true, before: `\n${open}\n`, after: `${close}\n`, blocks };
}

function graph(plan: Plan): Section {
  const edges = plan.changes.reduce((sum, { needs }) => sum + needs.length, 0);
  if (plan.changes.length > DRAWN || edges === 0) return NOTHING;
  const count = counted(plan.changes.length, 'change');
  const before = `\n<details><summary>Order of ${count} as a graph</summary>\n\n`;
  const blocks = [fenced('mermaid', renderPlanMermaid(plan).trimEnd().split('\n'))];
  return { name: ['graph', 'graphs'], layer: 5, isNeeded: false, before, after: '\n</details>\n', blocks };
}

/** The findings that say what could not be evaluated. */
export function unseen(plan: Plan | null): string[] {
  return sortedBy(blindSpots(plan?.findings ?? []), ({ what }) => what).map(({ what }) => what);
}
