import type { Holder, Step } from '../../schemas/checkpoint.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Draft } from './commit-log.ts';
import { claimLease, seizeLease } from './lease.ts';
import { type ChainParts, lookAt } from './parts.ts';
import type { Loaded } from './loaded.ts';
import { readChain } from './reading.ts';
import { broken, held, stopped } from './refusal.ts';
import { type Leftover, readLeftover } from './replay.ts';
import { extend, emptyTip, type Tip, tipOf } from './tip.ts';

/** What a successful take yields: the chain is ours from this tip on. */
export interface Taken {
  readonly tip: Tip;
  readonly lease: Sha;
  readonly leftover: Leftover;
  /** Monotonic time of the push that the remote confirmed. */
  readonly confirmedAt: number;
}

export interface TakeOptions {
  readonly holder: Holder;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Processes of this machine that wrote or were about to: a line `<holder id> <process>` each, see `Processes`. Two of them, because
 * whoever is about to write may die before the remote has its take, and then the former writer still stands in the chain.
 */
const HOLDER_FILE = 'holder';

/**
 * Takes the chain: waits for a living holder, then pushes a `take` with the next epoch. Only one of any number of contenders can
 * succeed, because each pushes onto the head that it read.
 */
export async function takeChain(parts: ChainParts, options: TakeOptions): Promise<Taken> {
  const { clock } = parts.world;
  const until = clock.monotonic() + options.waitMs;
  for (;;) {
    if (options.signal?.aborted === true) throw stopped(parts.workspace);
    const loaded = await readChain(parts);
    const standing = await standingOf(parts, loaded);
    if (standing !== 'occupied') {
      const claim = standing === 'free' ? null : await claimLapsed(parts, loaded, options);
      const isClear = standing === 'free' || claim !== null;
      const taken = isClear ? await tryTake(parts, loaded, { ...options, claim }) : null;
      if (taken !== null) return taken;
      continue;
    }
    const restMs = until - clock.monotonic();
    if (restMs <= 0) throw held(loaded.recorded, clock.now());
    await patience(parts, Math.min(restMs, parts.timing.pollMs, parts.timing.ttlMs / 6), options.signal);
  }
}

/** Sleeps; when the caller gives up in the meantime, that is Fault `locked`. */
async function patience(parts: ChainParts, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await parts.world.clock.sleep(ms, signal);
  } catch (error) {
    throw signal?.aborted === true ? stopped(parts.workspace) : error;
  }
}

/** free: released, new, or its writer died on this machine. lapsed: nothing was heard of the writer for the whole lease. */
async function standingOf(parts: ChainParts, { recorded }: Loaded): Promise<'free' | 'lapsed' | 'occupied'> {
  const { writer } = recorded;
  if (writer === null || (await endedHere(parts, writer.id))) return 'free';
  const value = `${recorded.head} ${await lookAt(parts, parts.refs.lease)}`;
  const now = parts.world.clock.monotonic();
  if (parts.watch.value !== value) {
    parts.watch.value = value;
    parts.watch.since = now;
  }
  return now - parts.watch.since >= parts.timing.ttlMs ? 'lapsed' : 'occupied';
}

/** Whether the writer was on this machine and is no more: its process died, or is this one and closed it. */
async function endedHere(parts: ChainParts, id: string): Promise<boolean> {
  const process = (await holdersHere(parts)).get(id);
  if (process === undefined) return false;
  return process === parts.processes.self() ? parts.own.epoch === null : !parts.processes.alive(process);
}

/** Process by holder id. */
async function holdersHere(parts: ChainParts): Promise<ReadonlyMap<string, string>> {
  const lines = (await parts.disk.read(HOLDER_FILE))?.split('\n') ?? [];
  return new Map(
    lines.map(line => {
      const end = line.indexOf(' ');
      return [line.slice(0, end), line.slice(end + 1)] as const;
    }),
  );
}

/** Notes that this process is about to write, beside the writer that the chain still names. */
async function noteHolder(parts: ChainParts, id: string, writer: string | null): Promise<void> {
  const former = writer === null ? undefined : (await holdersHere(parts)).get(writer);
  const lines = [`${id} ${parts.processes.self()}`, ...(former === undefined ? [] : [`${writer} ${former}`])];
  await parts.disk.replace(HOLDER_FILE, lines.join('\n'));
}

/** Takes the lease from the silent writer, so that it cannot renew any more, and waits for the longest call it may have sent. */
async function claimLapsed(parts: ChainParts, { recorded }: Loaded, options: TakeOptions): Promise<Sha | null> {
  const from = await lookAt(parts, parts.refs.lease);
  if (`${recorded.head} ${from}` !== parts.watch.value) return null;
  const claim = await claimLease(parts, { from, id: options.holder.id, epoch: recorded.epoch + 1 });
  if (claim !== null) await patience(parts, parts.timing.callMs, options.signal);
  return claim;
}

/** One attempt: null when another one was faster. */
async function tryTake(
  parts: ChainParts,
  loaded: Loaded,
  options: TakeOptions & { readonly claim: Sha | null },
): Promise<Taken | null> {
  const { world, log, refs } = parts;
  const { holder } = options;
  if (loaded.recorded.head !== null) await log.bring(loaded.recorded.head);
  const leftover = await readLeftover(parts, loaded);
  const { head, lineage } = loaded.recorded;
  const tip = head === null ? emptyTip(parts.workspace, lineage) : tipOf(loaded);
  const drafts = replayed(tip, leftover);
  const epoch = tip.fold.epoch + 1;
  drafts.push(
    extend(tip, {
      sequence: tip.fold.sequence + 1,
      epoch,
      at: world.clock.now(),
      run: null,
      plan: null,
      body: takeStep(holder),
    }),
  );
  await noteHolder(parts, holder.id, loaded.recorded.writer?.id ?? null);
  await log.write(drafts);
  await world.reach('take.before');
  const confirmedAt = world.clock.monotonic();
  const to = tip.fold.head;
  const result = await log.push({ ref: refs.state, from: head, to });
  if (result === 'moved' && (await lookAt(parts, refs.state)) !== to) return null;
  parts.own.epoch = epoch;
  await world.reach('take.after');
  try {
    const lease = options.claim ?? (await seizeLease(parts, { id: holder.id, epoch }));
    return { tip, lease, leftover, confirmedAt };
  } catch (error) {
    disown(parts, epoch);
    throw error;
  }
}

/** The writer of this epoch is no more; a later one of this process may be. */
export function disown(parts: ChainParts, epoch: number): void {
  if (parts.own.epoch === epoch) parts.own.epoch = null;
}

function takeStep(holder: Holder): Step {
  return { step: 'take', holder: { id: holder.id, host: holder.host, pid: holder.pid } };
}

/** Adds the steps of a former process as it would have: same sequence, same time, same commit. */
function replayed(tip: Tip, leftover: Leftover): Draft[] {
  return leftover.steps.map(({ checkpoint, checksum }) => {
    const draft = extend(tip, checkpoint);
    if (tip.checksum !== checksum) {
      throw broken(
        'ST-JOURNAL',
        `the journal of this machine does not continue the chain at checkpoint ${checkpoint.sequence}`,
        {
          fix: 'move the journal away: what it alone knew is then looked up at the providers',
        },
      );
    }
    return draft;
  });
}
