import type { DriftEntry, DriftReport } from '../drift.ts';
import { plainText, showValue } from '../show.ts';
import { painter } from './paint.ts';
import { grouped, placeText } from './summary.ts';
import type { TextOptions } from './text.ts';

/** What is the matter with an object, as one sign. A word always stands beside it. */
export const DRIFT_SIGNS: { readonly [status in DriftEntry['status']]: string } = {
  changed: '~',
  missing: '-',
  recreated: '±',
  orphan: '+',
  duplicate: '±',
  foreign: '✕',
  failed: '✕',
  unlabelled: '~',
  unavailable: '?',
};

/** A drift report for a terminal: one line for each object, and under it what differs. */
export function renderDrift(report: DriftReport, options: TextOptions): string {
  const paint = painter(options.colour);
  const { entries, checked, unchecked } = report;
  const rest = unchecked === 0 ? '' : `, ${grouped(unchecked)} could not be looked at`;
  if (entries.length === 0) return `${paint.green('✓')} no drift in ${grouped(checked)} objects${rest}\n`;
  const lines = [
    `${paint.yellow('!')} ${paint.bold(`${entries.length === 1 ? '1 difference' : `${grouped(entries.length)} differences`} from the record`)}, ${grouped(checked)} objects looked at${rest}`,
    '',
  ];
  for (const entry of entries) {
    const place = placeText(entry.at);
    const sign = DRIFT_SIGNS[entry.status];
    const text = entry.status === 'changed' ? `${entry.address ?? ''} was changed outside` : plainText(entry.text);
    lines.push(
      `${paint.of(sign)(`${sign} ${entry.status.padEnd(11)}`)}  ${text}${place === '' ? '' : `  ${paint.dim(place)}`}`,
    );
    const long = Math.max(0, ...entry.fields.map(field => field.path.length));
    for (const { path, recorded, observed } of entry.fields) {
      lines.push(
        `    ${paint.of('~')('~')} ${plainText(path).padEnd(long)}  ${showValue(recorded)} -> ${showValue(observed)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
