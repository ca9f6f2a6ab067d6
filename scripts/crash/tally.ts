import { table } from '../bench/table.ts';
import type { Recovery } from './flow.ts';
import { isClean, shownVerdict, type Verdict } from './oracle.ts';

export interface Violation {
  readonly part: string;
  readonly case: string;
  readonly what: string;
  /** Command line that runs this one case again. */
  readonly again: string;
}

/** What one part of the proof counted. */
export interface Tally {
  readonly part: string;
  cases: number;
  /** Faults that were injected and proved that they happened. */
  fired: number;
  duplicates: number;
  orphans: number;
  lost: number;
  wrong: number;
  manual: number;
  unconverged: number;
  /** Recoveries by the number of passes they took. */
  readonly passes: Map<number, number>;
  readonly recoveriesMs: number[];
  readonly violations: Violation[];
  /** Further figures and remarks for the report. */
  readonly notes: string[];
}

export function openTally(part: string): Tally {
  const counts = { cases: 0, fired: 0, duplicates: 0, orphans: 0, lost: 0, wrong: 0, manual: 0, unconverged: 0 };
  return { part, ...counts, passes: new Map(), recoveriesMs: [], violations: [], notes: [] };
}

export function violate(tally: Tally, violation: Omit<Violation, 'part'>): void {
  tally.violations.push({ part: tally.part, ...violation });
}

/** Adds how one crashed case ended. */
export function count(
  tally: Tally,
  result: { readonly verdict: Verdict; readonly recovery: Recovery; readonly case: string; readonly again: string },
): void {
  const { verdict, recovery } = result;
  tally.duplicates += verdict.duplicates.length;
  tally.orphans += verdict.orphans.length;
  tally.lost += verdict.lost.length;
  tally.wrong += verdict.wrong.length;
  tally.manual += recovery.manual;
  tally.passes.set(recovery.passes, (tally.passes.get(recovery.passes) ?? 0) + 1);
  if (recovery.converged) tally.recoveriesMs.push(recovery.tookMs);
  else tally.unconverged += 1;
  if (recovery.converged && isClean(verdict)) return;
  const how = recovery.converged ? '' : `not converged: ${recovery.story.join(' -> ')}`;
  violate(tally, {
    case: result.case,
    what: [shownVerdict(verdict), how].filter(Boolean).join('; '),
    again: result.again,
  });
}

/** `1 x 20, 2 x 31`: how many recoveries took how many passes. */
export function passesLine(tally: Tally): string {
  const counts = [...tally.passes].sort(([a], [b]) => a - b).map(([passes, times]) => `${passes} x ${times}`);
  return `${tally.part}: recoveries by passes, the last of which only looks: ${counts.join(', ')}`;
}

/** The tally as JSON can hold it. */
export function plainTally(tally: Tally): unknown {
  return { ...tally, passes: Object.fromEntries(tally.passes) };
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

export function tallyTable(tallies: readonly Tally[]): string {
  const head = ['part', 'cases', 'fired', 'duplicates', 'orphans', 'lost', 'wrong', 'manual', 'not converged'];
  const times = ['recovery median', 'p99', 'violations', '3/n bound'];
  return table([...head, ...times], tallies.map(row));
}

function row(tally: Tally): string[] {
  const { part, cases, duplicates, orphans, lost, wrong, manual, unconverged } = tally;
  const counts = [cases, tally.fired, duplicates, orphans, lost, wrong, manual, unconverged].map(String);
  const times = [quantile(tally.recoveriesMs, 0.5), quantile(tally.recoveriesMs, 0.99)].map(seconds);
  const bound = tally.cases === 0 || tally.violations.length > 0 ? '-' : `< ${(300 / tally.cases).toFixed(2)} %`;
  return [part, ...counts, ...times, String(tally.violations.length), bound];
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1_000).toFixed(2)} s`;
}

export function violationLines(tallies: readonly Tally[]): string {
  const lines = tallies
    .flatMap(tally => tally.violations)
    .map(found => `✗ ${found.part}: ${found.case}\n    ${found.what}\n    again: ${found.again}`);
  return lines.join('\n');
}
