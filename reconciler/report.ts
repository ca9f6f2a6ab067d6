import { z } from 'zod';
import type { RunReport } from '../appliers/run.ts';
import type { FaultJson } from '../schemas/fault.ts';
import { Sha, Sha256, WorkspaceKey } from '../schemas/name.ts';
import { FaultRecord, Plan } from '../schemas/plan.ts';

/** How a pass over one workspace ended. */
export const PassStatus = z.enum([
  'in-sync',
  'applied',
  'resumed',
  'waiting',
  'refused',
  'failed',
  'rolled-back',
  'stopped',
  'held',
  'locked',
  'invalid',
  'unavailable',
]);
export type PassStatus = z.infer<typeof PassStatus>;

/** What one run did, in short. */
export const RunSummary = z.strictObject({
  id: z.string(),
  purpose: z.enum(['apply', 'rollback']),
  outcome: z.enum(['done', 'failed', 'stopped', 'superseded']),
  done: z.array(z.string()),
  failed: z.array(z.strictObject({ key: z.string(), fault: FaultRecord })),
  skipped: z.array(z.strictObject({ key: z.string(), because: z.string() })),
  durationMs: z.number(),
});
export type RunSummary = z.infer<typeof RunSummary>;

/** One way in which the real objects are not as they were left. */
export const DriftEntry = z.strictObject({
  status: z.enum([
    'changed',
    'missing',
    'recreated',
    'orphan',
    'duplicate',
    'foreign',
    'failed',
    'unlabelled',
    'unavailable',
  ]),
  provider: z.string(),
  address: z.string().nullable(),
  ids: z.array(z.string()),
  fields: z.array(z.strictObject({ path: z.string(), recorded: z.json(), observed: z.json() })),
  text: z.string(),
});
export type DriftEntry = z.infer<typeof DriftEntry>;

/** What one pass over one workspace saw and did. */
export const PassReport = z.strictObject({
  workspace: z.union([WorkspaceKey, z.null()]),
  folder: z.string(),
  stateRef: z.string().nullable(),
  commit: Sha.nullable(),
  status: PassStatus,
  plan: Plan.nullable(),
  digest: Sha256.nullable(),
  run: RunSummary.nullable(),
  rollback: RunSummary.nullable(),
  /** Checkpoint commits added to the state chain. */
  checkpoints: z.int(),
  /** Writes sent to providers. */
  writes: z.int(),
  drift: z.array(DriftEntry),
  /** The workspace's own interval between two looks at the real objects; null when its files could not be read. */
  driftEverySeconds: z.int().nullable(),
  /** What a person does next; empty when nothing. */
  next: z.string(),
  fault: FaultRecord.nullable(),
});
export type PassReport = z.infer<typeof PassReport>;

/** A run as reports show it. */
export function summary(id: string, run: RunReport, purpose: RunSummary['purpose']): RunSummary {
  return {
    id,
    purpose,
    outcome: run.outcome,
    done: [...run.done],
    failed: run.failed.map(({ key, fault }) => ({ key, fault: faultRecord(fault) })),
    skipped: run.skipped.map(({ key, because }) => ({ key, because })),
    durationMs: run.durationMs,
  };
}

/** A fault as plain JSON, without the members that JSON cannot hold. */
export function faultRecord(fault: FaultJson): FaultRecord {
  return JSON.parse(JSON.stringify(fault)) as FaultRecord;
}

/** A pass in three figures. */
export interface ShortPass {
  readonly status: string;
  readonly writes: number;
  readonly commits: number;
}

/** A pass as the tour tells of it. */
export function short(report: PassReport): ShortPass {
  return { status: report.status, writes: report.writes, commits: report.checkpoints };
}
