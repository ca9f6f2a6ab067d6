import type { DriftReport } from '../planner/drift.ts';
import type { DriftEntry } from './report.ts';

/** Drift as reports carry it: every member present, nothing that JSON cannot hold. */
export function driftEntries(report: DriftReport): DriftEntry[] {
  return report.entries.map(({ status, provider, address, ids, fields, text }) => ({
    status,
    provider,
    address: address ?? null,
    ids: [...ids],
    fields: fields.map(field => ({
      path: field.path,
      recorded: field.recorded as never,
      observed: field.observed as never,
    })),
    text,
  }));
}
