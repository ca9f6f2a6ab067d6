import { type Found, GOALS, verdictOf } from './goals.ts';
import { type Cell, type Sample, best, middle, ratioOf } from './pairs.ts';

/** Markdown table with columns padded, so that it reads well in a terminal too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Wall seconds (best and median), CPU seconds and MiB of both programs, and the median ratio of the pairs. */
export function cellTable(cells: readonly Cell[]): string {
  const head = [
    'cell',
    'graph',
    'ours: s min/med',
    'CPU s',
    'MiB',
    'calls',
    'terraform: s min/med',
    'CPU s',
    'MiB',
    'ratio: wall',
    'CPU',
    'pairs',
  ];
  return table(head, cells.map(row));
}

function row(cell: Cell): string[] {
  const ratio = ratioOf(cell);
  const calls = cell.calls === undefined ? '' : String(cell.calls);
  const wall =
    ratio === null ? '' : ratio.steady ? number(ratio.wall) : `${number(ratio.wall)} (spread ${number(ratio.spread)}x)`;
  const pairs = ratio === null ? String(cell.ours.length) : String(ratio.pairs);
  return [
    cell.what,
    cell.on,
    ...side(cell.ours),
    calls,
    ...side(cell.theirs, cell.why),
    wall,
    orBlank(ratio?.cpu),
    pairs,
  ];
}

function side(samples: readonly Sample[], why = ''): string[] {
  const centre = middle(samples);
  if (centre === null) return [why, '', ''];
  const peak = centre.peakMib === null ? '' : centre.peakMib.toFixed(0);
  return [`${number(best(samples))} / ${number(centre.wallS)}`, orBlank(centre.cpuS), peak];
}

export function goalTable(found: ReadonlyMap<string, Found>): string {
  const rows = GOALS.map(goal => {
    const measured = found.get(goal.id);
    const sign = goal.better === 'less' ? '<=' : '>=';
    const value = measured === undefined ? '' : `${number(measured.value)} ${goal.unit}`.trim();
    const bounds = [goal.goal, goal.stretch].map(bound => `${sign} ${bound.toLocaleString('en')} ${goal.unit}`.trim());
    return [goal.id, goal.what, ...bounds, value, verdictOf(goal, measured), measured?.note ?? ''];
  });
  return table(['goal', 'what', 'goal', 'stretch', 'measured', 'verdict', 'note'], rows);
}

/** Three significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function orBlank(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : number(value);
}
