import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'action', 'delete']);

/** A request of a client that asks for a change, whatever became of it. */
export function isWrite(entry: LedgerEntry): boolean {
  return WRITES.has(entry.operation);
}

/** A write that the cloud took. */
export function isAccepted(entry: LedgerEntry): boolean {
  return isWrite(entry) && entry.status < 300;
}
