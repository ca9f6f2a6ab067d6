import { renderPlanText } from '../planner/render/text.ts';
import { FAULT_CODES } from '../schemas/fault.ts';
import type { PassReport, PassStatus, RunSummary } from './report.ts';

const SIGNS: { readonly [status in PassStatus]: string } = {
  'in-sync': '✓ in sync',
  applied: '✓ applied',
  resumed: '✓ resumed and finished',
  waiting: '… waits for approval',
  refused: '✗ refused',
  failed: '✗ failed',
  'rolled-back': '↩ failed and rolled back',
  stopped: '■ stopped',
  held: '■ on hold',
  locked: '… another process writes',
  invalid: '✗ the files are not valid',
  unavailable: '✗ something did not answer',
};

/** A pass as a person reads it. */
export function passText(report: PassReport, rendering: { readonly colour: boolean; readonly width: number }): string {
  const name = report.workspace ?? (report.folder === '' ? '.' : report.folder);
  const lines = [`${name}  ${SIGNS[report.status]}${tail(report)}`];
  for (const run of [report.run, report.rollback]) if (run !== null) lines.push(...runLines(run));
  for (const entry of report.drift) lines.push(`  drift: ${entry.text}`);
  for (const problem of report.fault?.problems ?? []) lines.push(`  ${String(problem.id)}  ${String(problem.what)}`);
  if (report.plan !== null && (report.status === 'waiting' || report.status === 'refused')) {
    lines.push('', renderPlanText(report.plan, rendering));
  }
  if (report.next !== '') lines.push(`  next: ${report.next}`);
  return `${lines.join('\n')}\n`;
}

function tail(report: PassReport): string {
  const parts = [
    report.commit === null ? '' : `commit ${report.commit.slice(0, 10)}`,
    `${report.writes} writes`,
    `${report.checkpoints} checkpoints`,
  ];
  return `  (${parts.filter(part => part !== '').join(', ')})`;
}

function runLines(run: RunSummary): string[] {
  const seconds = (run.durationMs / 1_000).toFixed(1);
  const verb = run.purpose === 'rollback' ? 'rollback' : 'run';
  return [
    `  ${verb} ${run.id}: ${run.done.length} done, ${run.failed.length} failed, ${run.skipped.length} skipped in ${seconds} s`,
    ...run.failed.map(({ key, fault }) => `  ✗ ${key}: ${String(fault.problems[0]?.what ?? fault.code)}`),
  ];
}

/** The exit code that says who must act next. */
export function passExit(report: PassReport): number {
  switch (report.status) {
    case 'in-sync':
    case 'applied':
    case 'resumed':
      return 0;
    case 'waiting':
    case 'refused':
    case 'held':
      return FAULT_CODES.refused;
    case 'failed':
      return report.fault === null ? FAULT_CODES.partial : FAULT_CODES[report.fault.code];
    case 'rolled-back':
    case 'stopped':
      return FAULT_CODES.partial;
    case 'locked':
      return FAULT_CODES.locked;
    case 'invalid':
      return FAULT_CODES.invalid;
    case 'unavailable':
      return FAULT_CODES.unavailable;
  }
}
