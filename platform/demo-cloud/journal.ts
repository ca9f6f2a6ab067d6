import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../schemas/fault.ts';
import type { JournalLine } from './model.ts';

const LEDGER_FILE = 'ledger.jsonl';
const LOCK_FILE = 'lock';

export interface Journal {
  /** What was read when it was opened, oldest first. */
  readonly lines: readonly JournalLine[];
  /** Hands one line to the operating system before it returns, so that it outlives this process. */
  append(line: JournalLine): void;
  close(): void;
}

/**
 * Opens the ledger of a cloud. It is both the record of what was asked and all that is kept: the state is the fold of it.
 * Throws Fault `locked` while another process has it open.
 */
export async function openJournal(home: string): Promise<Journal> {
  mkdirSync(home, { recursive: true });
  const lock = join(home, LOCK_FILE);
  await takeLock(lock);
  const file = join(home, LEDGER_FILE);
  const lines = existsSync(file) ? readLines(file) : [];
  const descriptor = openSync(file, 'a', 0o600);
  return {
    lines,
    append(line) {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    },
    close() {
      closeSync(descriptor);
      rmSync(lock, { force: true });
    },
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

/** How long a process that was just killed may still seem to live. */
const DYING_MS = 1_000;

async function takeLock(lock: string): Promise<void> {
  const until = Date.now() + DYING_MS;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : '0');
    if (!isAlive(pid)) {
      rmSync(lock, { force: true });
    } else if (Date.now() > until) {
      const what = `process ${pid} already runs the demo cloud of this folder`;
      throw new Fault('locked', {
        id: 'DEMO-LOCKED',
        what,
        fix: `stop it, or remove ${LOCK_FILE} when it is another program`,
      });
    } else {
      await sleep(50);
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
