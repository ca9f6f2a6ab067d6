import { hash } from 'node:crypto';
import type { Checkpoint } from '../../schemas/checkpoint.ts';
import type { Sha256 } from '../../schemas/name.ts';
import type { World } from '../../schemas/world.ts';
import { broken } from './refusal.ts';
import type { JournalFile } from './state-disk.ts';

/** What this machine knows about the calls of open intents: when one was sent last, null when none was, or that it cannot know. */
export type SentMarks = { readonly [key: string]: number | null | 'unknown' };

export type JournalRecord =
  /** The first record: whose journal this is, and what was known when it began. */
  | { readonly type: 'open'; readonly lineage: string; readonly epoch: number; readonly marks: SentMarks }
  | { readonly type: 'step'; readonly checkpoint: Checkpoint; readonly checksum: Sha256 }
  | { readonly type: 'sent'; readonly key: string; readonly at: number };

export interface Journal {
  /** Resolves when the records are durable. Records that wait together are written and synchronised together. */
  add(records: readonly JournalRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** A line: length of the JSON in bytes, half of its SHA-256, the JSON. */
function encode(record: JournalRecord): string {
  const json = JSON.stringify(record);
  return `${Buffer.byteLength(json).toString(16).padStart(8, '0')} ${digest(json)} ${json}\n`;
}

function digest(json: string): string {
  return hash('sha256', json, 'hex').slice(0, 32);
}

/** Writes to a journal file in groups. After the first failure nothing more is accepted: what the disk holds is unknown then. */
export function openJournal(file: JournalFile, world: World): Journal {
  let lines: string[] = [];
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let running: Promise<void> | null = null;
  let failure: { readonly error: unknown } | null = null;

  async function writeGroup(): Promise<void> {
    const text = lines.join('');
    lines = [];
    await world.reach('journal.append.before');
    await file.append(text);
    await world.reach('journal.append.after');
    await file.sync();
    await world.reach('journal.sync.after');
  }

  async function flush(): Promise<void> {
    while (lines.length > 0 && failure === null) {
      const group = waiting;
      waiting = [];
      try {
        await writeGroup();
        for (const { resolve } of group) resolve();
      } catch (error) {
        failure = { error };
        for (const { reject } of [...group, ...waiting]) reject(error);
        waiting = [];
      }
    }
    running = null;
  }

  return {
    add(records) {
      if (failure !== null) return Promise.reject(failure.error);
      lines.push(...records.map(encode));
      const durable = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      running ??= Promise.resolve().then(flush);
      return durable;
    },
    async close() {
      await running;
      await file.close();
    },
  };
}

/**
 * The records of a journal. What was cut off at its end was never acknowledged, and is left out. Anything else that does not
 * check out is Fault `integrity`.
 */
export function parseJournal(text: string, name: string): readonly JournalRecord[] {
  const lines = text.split('\n');
  const records: JournalRecord[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const json = line.slice(42);
    const lengthBytes = Number.parseInt(line.slice(0, 8), 16);
    if (Buffer.byteLength(json) === lengthBytes && digest(json) === line.slice(9, 41)) {
      records.push(JSON.parse(json) as JournalRecord);
      continue;
    }
    const isLast = lines.slice(index + 1).every(rest => rest === '');
    const isCut = index === lines.length - 1 || line.includes('\0') || !(Buffer.byteLength(json) >= lengthBytes);
    if (isLast && isCut) break;
    throw broken('ST-JOURNAL', `line ${index + 1} of the journal ${name} on this machine is damaged`, {
      fix: 'move the file away: what it alone knew is then looked up at the providers',
    });
  }
  return records;
}
