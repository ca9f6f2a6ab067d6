import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalLine } from './model.ts';

export const LEDGER_FILE = 'ledger.jsonl';

export interface Journal {
  /** What was read when it was opened, oldest first. */
  readonly lines: readonly JournalLine[];
  /** Hands one line to the operating system before it returns, so that it outlives this process. */
  append(line: JournalLine): void;
  close(): void;
}

/** Opens the ledger of a cloud. It is both the record of what was asked and all that is kept: the state is the fold of it. */
export function openJournal(home: string): Journal {
  mkdirSync(home, { recursive: true });
  const file = join(home, LEDGER_FILE);
  const lines = existsSync(file) ? readLines(file) : [];
  const descriptor = openSync(file, 'a', 0o600);
  return {
    lines,
    append(line) {
      writeSync(descriptor, `${JSON.stringify(line)}\n`);
    },
    close: () => closeSync(descriptor),
  };
}

/** Reads whole lines; a last line that a crash cut short was never acknowledged and is removed. */
function readLines(file: string): JournalLine[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
  const lines: JournalLine[] = [];
  for (const text of bytes.toString('utf8', 0, end).split('\n')) {
    if (text !== '') lines.push(JSON.parse(text) as JournalLine);
  }
  return lines;
}
