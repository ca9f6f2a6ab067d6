import { z } from 'zod';
import { digestOf } from '../../planner/digest.ts';
import { Sha256 } from '../../schemas/name.ts';
import type { AuditEvent, AuditRecord, AuditReport } from './port.ts';

/** What the first record holds as the hash before it. */
export const NO_HASH = '0'.repeat(64);

const Line = z.strictObject({
  seq: z.int().min(1),
  prev: Sha256,
  at: z.iso.datetime(),
  actor: z.string(),
  operation: z.string(),
  permission: z.string(),
  target: z.string(),
  phase: z.enum(['begin', 'end', 'note']),
  inputDigest: Sha256.nullable(),
  outcome: z.string().nullable(),
  of: z.int().nullable(),
  facts: z.record(z.string(), z.json()),
  hash: Sha256,
});

export function hashOf(record: AuditRecord): string {
  const { hash: _own, ...rest } = record;
  return digestOf(rest);
}

/** The record that follows `previous`. `nowMs` is wall time in milliseconds. */
export function recordOf(event: AuditEvent, previous: AuditRecord | null, nowMs: number): AuditRecord {
  const rest = {
    seq: (previous?.seq ?? 0) + 1,
    prev: previous?.hash ?? NO_HASH,
    at: new Date(nowMs).toISOString(),
    actor: event.actor,
    operation: event.operation,
    permission: event.permission,
    target: event.target,
    phase: event.phase ?? 'note',
    inputDigest: event.inputDigest ?? null,
    outcome: event.outcome ?? null,
    of: event.of ?? null,
    facts: event.facts ?? {},
  };
  return { ...rest, hash: digestOf(rest) };
}

/** A line of the log; null when it is none. */
export function parseRecord(line: string): AuditRecord | null {
  try {
    const result = Line.safeParse(JSON.parse(line));
    return result.success ? (result.data as AuditRecord) : null;
  } catch {
    return null;
  }
}

/** Checks sequence, links and hashes of the whole log. */
export function verifyLines(lines: readonly string[], torn: boolean): AuditReport {
  const problems: { line: number; what: string }[] = [];
  let prev = NO_HASH;
  let seq = 0;
  lines.forEach((text, index) => {
    const line = index + 1;
    const record = parseRecord(text);
    if (record === null) {
      problems.push({ line, what: 'it is not an audit record' });
      seq += 1;
      return;
    }
    if (hashOf(record) !== record.hash) problems.push({ line, what: 'its contents were changed after it was written' });
    if (record.seq !== seq + 1) problems.push({ line, what: `it has number ${record.seq} where ${seq + 1} belongs` });
    else if (record.prev !== prev) problems.push({ line, what: 'the line before it was changed, taken out or put in' });
    prev = record.hash;
    seq = record.seq;
  });
  if (torn)
    problems.push({ line: lines.length + 1, what: 'it was not written to its end; the next record removes it' });
  return { records: lines.length, head: prev, problems };
}
