import type { Checkpoint, Recorded } from '../../schemas/checkpoint.ts';
import type { JournalRecord, SentMarks } from './journal.ts';

/**
 * What this machine knows about the calls of open intents. A number is when a call was sent last, undefined that none was,
 * null that another machine had the intent and nobody here can know.
 */
export interface SentBook {
  sentAt(key: string): number | undefined | null;
  mark(key: string, at: number): void;
  /** Takes in a checkpoint: a new intent was certainly not sent yet, a closed one is forgotten. */
  follow(checkpoint: Checkpoint): void;
  /** What is known, for the next journal. */
  marks(): SentMarks;
}

export function openSentBook(recorded: Recorded, known: SentMarks): SentBook {
  const book = new Map<string, number | undefined | null>();
  for (const key of recorded.intents.keys()) {
    const mark = known[key];
    book.set(key, mark === undefined || mark === 'unknown' ? null : (mark ?? undefined));
  }
  return {
    sentAt: key => (book.has(key) ? book.get(key) : null),
    mark: (key, at) => void book.set(key, at),
    follow({ body }) {
      if (body.step === 'intend') for (const { key } of body.intents) if (!book.has(key)) book.set(key, undefined);
      if (body.step === 'done' || (body.step === 'fail' && body.settled)) book.delete(body.key);
      if (body.step === 'rebuild') book.clear();
    },
    marks() {
      return Object.fromEntries([...book].map(([key, at]) => [key, at === null ? 'unknown' : (at ?? null)] as const));
    },
  };
}

/** What a journal knew at its end about intents of its own epoch and those it inherited. */
export function marksOf(records: readonly JournalRecord[]): SentMarks {
  const marks = new Map<string, SentMarks[string]>();
  for (const record of records) {
    if (record.type === 'open') for (const [key, at] of Object.entries(record.marks)) marks.set(key, at);
    if (record.type === 'sent') marks.set(record.key, record.at);
    if (record.type !== 'step') continue;
    const { body } = record.checkpoint;
    if (body.step === 'intend') for (const { key } of body.intents) if (!marks.has(key)) marks.set(key, null);
    if (body.step === 'done' || (body.step === 'fail' && body.settled)) marks.delete(body.key);
  }
  return Object.fromEntries(marks);
}
