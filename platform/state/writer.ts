import type { Checkpoint, Holder, Step } from '../../schemas/checkpoint.ts';
import type { Sha256 } from '../../schemas/name.ts';
import type { StateWriter } from '../../schemas/state.ts';
import { type Carrier, openCarrier } from './carrier.ts';
import type { Draft } from './commit-log.ts';
import { type Fate, openFate } from './fate.ts';
import { type Journal, type JournalRecord, openJournal } from './journal.ts';
import { type Heartbeat, startHeartbeat } from './lease.ts';
import type { ChainParts } from './parts.ts';
import { keepSnapshot, rememberHead } from './reading.ts';
import { journalName } from './replay.ts';
import { openSentBook, type SentBook } from './sent.ts';
import { disown, type Taken } from './taking.ts';
import { extend, loadedFrom, type Tip } from './tip.ts';

interface Desk {
  readonly parts: ChainParts;
  readonly tip: Tip;
  readonly epoch: number;
  readonly fate: Fate;
  readonly carrier: Carrier;
  readonly heartbeat: Heartbeat;
  readonly journal: Journal;
  readonly sent: SentBook;
}

/** The one who may add to the chain, from a successful take until it closes or is superseded. */
export async function openWriter(parts: ChainParts, taken: Taken, holder: Holder): Promise<StateWriter> {
  const desk = await openDesk(parts, taken, holder).catch((error: unknown) => {
    disown(parts, taken.tip.fold.epoch);
    throw error;
  });
  const { tip, fate, carrier, sent, epoch } = desk;
  let closing: Promise<void> | null = null;

  async function append(steps: readonly Step[]): Promise<number> {
    mustWrite(fate);
    const drafts: Draft[] = [];
    const records: JournalRecord[] = [];
    for (const body of steps) {
      const checkpoint = checkpointFor(desk, body);
      drafts.push(extend(tip, checkpoint));
      sent.follow(checkpoint);
      records.push({ type: 'step', checkpoint, checksum: tip.checksum });
    }
    const sequence = tip.fold.sequence;
    await durable(desk, records);
    carrier.add(drafts);
    return sequence;
  }

  return {
    epoch,
    get recorded() {
      return tip.fold;
    },
    append(steps) {
      if (closing !== null) return Promise.reject(new Error('append after close'));
      return append(steps);
    },
    async markSent(key) {
      mustWrite(fate);
      const at = parts.world.clock.now();
      sent.mark(key, at);
      await durable(desk, [{ type: 'sent', key, at }]);
    },
    sentAt: key => sent.sentAt(key),
    pushed: sequence => carrier.covered(sequence),
    alive: () => fate.fresh(),
    close(options) {
      closing ??= finish(desk, options.release ? () => append([{ step: 'release' }]) : null);
      return closing;
    },
  };
}

async function openDesk(parts: ChainParts, taken: Taken, holder: Holder): Promise<Desk> {
  const { tip, leftover } = taken;
  const { epoch, sequence, head, lineage } = tip.fold;
  const fate = openFate(parts.world, { ttlMs: parts.timing.ttlMs, confirmedAt: taken.confirmedAt });
  const sent = openSentBook(tip.fold, leftover.marks);
  const journal = openJournal(await parts.disk.journal(journalName(epoch)), parts.world);
  await journal.add([{ type: 'open', lineage, epoch, marks: sent.marks() }]);
  for (const name of leftover.spent) await parts.disk.remove(name);
  for (const name of leftover.void) await parts.disk.setAside(name);
  await rememberHead(parts, loadedFrom(tip));
  const carrier = openCarrier(parts, fate, { head: head ?? '', epoch, sequence });
  // Last, so that a disk that fails above leaves a lease that runs out.
  const heartbeat = startHeartbeat(parts, fate, { value: taken.lease, id: holder.id, epoch });
  return { parts, tip, epoch, fate, carrier, heartbeat, journal, sent };
}

function mustWrite(fate: Fate): void {
  const ended = fate.ended();
  if (ended !== null) throw ended;
}

function checkpointFor({ parts, tip, epoch }: Desk, body: Step): Checkpoint {
  const { fold } = tip;
  const open = fold.run !== null && fold.run.outcome === null ? fold.run : null;
  const run = body.step === 'begin' ? body.run : open;
  const plan: Sha256 | null = body.step === 'approve' ? body.approval.digest : (run?.plan ?? null);
  return { sequence: fold.sequence + 1, epoch, at: parts.world.clock.now(), run: run?.id ?? null, plan, body };
}

/** A disk that failed once has forgotten what nobody knows: this writer is over, and what it did is looked up by the next one. */
async function durable({ journal, fate }: Desk, records: readonly JournalRecord[]): Promise<void> {
  try {
    await journal.add(records);
  } catch (error) {
    fate.end(error);
    throw error;
  }
}

async function finish(desk: Desk, release: (() => Promise<number>) | null): Promise<void> {
  const { parts, tip, fate, carrier } = desk;
  try {
    if (fate.ended() === null) {
      if (release !== null) await parts.world.reach('release.before');
      await carrier.covered(release === null ? tip.fold.sequence : await release());
      if (release !== null) await parts.world.reach('release.after');
    } else if (carrier.reached() < tip.fold.sequence) throw fate.ended();
  } finally {
    await desk.heartbeat.stop();
    await carrier.stop();
    await desk.journal.close();
    await parts.log.rest();
    disown(parts, desk.epoch);
  }
  if (carrier.reached() < tip.fold.sequence) return;
  const loaded = loadedFrom(tip);
  await rememberHead(parts, loaded);
  await keepSnapshot(parts, loaded);
  await parts.disk.remove(journalName(desk.epoch));
}
