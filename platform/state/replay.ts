import type { JournalRecord, SentMarks } from './journal.ts';
import { parseJournal } from './journal.ts';
import { parseMessage } from './message.ts';
import type { ChainParts } from './parts.ts';
import type { Loaded } from './loaded.ts';
import { broken } from './refusal.ts';
import { marksOf } from './sent.ts';

const NAME = /^journal-(\d+)\.ndjson$/;

export function journalName(epoch: number): string {
  return `journal-${epoch}.ndjson`;
}

type StepRecord = Extract<JournalRecord, { type: 'step' }>;

/** What former processes of this machine left in their journals. */
export interface Leftover {
  /** Steps of the present epoch that the remote does not have. */
  readonly steps: readonly StepRecord[];
  readonly marks: SentMarks;
  /** Journals that are void once the workspace was taken: in full on the remote, or replayed. */
  readonly spent: readonly string[];
  /** Journals of superseded epochs with steps that never reached the remote. */
  readonly void: readonly string[];
}

export async function readLeftover(parts: ChainParts, loaded: Loaded): Promise<Leftover> {
  const spent: string[] = [];
  const superseded: string[] = [];
  let steps: readonly StepRecord[] = [];
  let marks: SentMarks = {};
  for (const name of await parts.disk.list()) {
    if (!NAME.test(name)) continue;
    const records = parseJournal((await parts.disk.read(name)) ?? '', name);
    const open = records[0];
    if (open?.type !== 'open') {
      spent.push(name);
      continue;
    }
    const isPresent = open.epoch === loaded.recorded.epoch && open.lineage === loaded.recorded.lineage;
    const unpushed = await unpushedSteps(parts, loaded, records);
    if (isPresent) {
      if (unpushed === null) throw gap(name);
      steps = unpushed;
      marks = marksOf(records);
      spent.push(name);
    } else if (unpushed?.length === 0) spent.push(name);
    else superseded.push(name);
  }
  return { steps, marks, spent, void: superseded };
}

function gap(name: string): ReturnType<typeof broken> {
  return broken('ST-JOURNAL', `the journal ${name} of this machine does not continue the chain`, {
    fix: 'move the file away: what it alone knew is then looked up at the providers',
  });
}

/** Steps beyond the head; null when the journal belongs to another course of events. */
async function unpushedSteps(
  parts: ChainParts,
  loaded: Loaded,
  records: readonly JournalRecord[],
): Promise<readonly StepRecord[] | null> {
  const { head, sequence } = loaded.recorded;
  const steps = records.filter(record => record.type === 'step');
  const last = steps.findLast(step => step.checkpoint.sequence <= sequence);
  const beyond = steps.filter(step => step.checkpoint.sequence > sequence);
  if (last === undefined)
    return beyond[0] === undefined || beyond[0].checkpoint.sequence === sequence + 1 ? beyond : null;
  if (head === null) return null;
  const commits = await parts.log.commits(head, { limit: sequence - last.checkpoint.sequence + 1 });
  const same = parseMessage(commits.at(-1)?.message ?? '');
  return same?.checksum === last.checksum ? beyond : null;
}
