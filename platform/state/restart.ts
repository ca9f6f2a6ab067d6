import type { Holder, RecordedObject, Step } from '../../schemas/checkpoint.ts';
import { Fault } from '../../schemas/fault.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Draft } from './commit-log.ts';
import { openFate } from './fate.ts';
import { startHeartbeat } from './lease.ts';
import { parseMessage } from './message.ts';
import { type ChainParts, lookAt } from './parts.ts';
import { forgetHead, keepSnapshot, readChain, rememberHead } from './reading.ts';
import { broken, superseded } from './refusal.ts';
import { disown, type Taken, type TakeOptions, takeChain } from './taking.ts';
import { emptyTip, extend, loadedFrom, type RootKind, type Tip } from './tip.ts';

/** Starts the chain anew from its present files; the former commits get a branch of their own. */
export async function compactChain(
  parts: ChainParts,
  options: TakeOptions,
): Promise<{ readonly history: string; readonly commits: number }> {
  const taken = await takeChain(parts, options);
  return asTaker(parts, taken, options.holder, async () => {
    const before = taken.tip.fold.head ?? '';
    const sequence = taken.tip.fold.sequence;
    await parts.world.reach('compact.before');
    const history = await keepHistory(parts, { head: before, sequence });
    await restart(parts, taken.tip, { from: before, root: 'keep', body: { step: 'compact', before } });
    await parts.world.reach('compact.after');
    return { history, commits: sequence };
  });
}

/** Records objects anew on a root of their own. A living writer is waited for; where the chain is gone or does not check out, it is cut off. */
export async function rebuildChain(
  parts: ChainParts,
  anew: {
    readonly lineage: string;
    readonly objects: readonly RecordedObject[];
    readonly by: string;
    readonly holder: Holder;
  },
): Promise<void> {
  const body: Step = { step: 'rebuild', objects: anew.objects, by: anew.by };
  const isReadable = await readChain(parts).then(
    loaded => loaded.recorded.head !== null,
    (error: unknown) => {
      if (error instanceof Fault && error.code === 'integrity') return false;
      throw error;
    },
  );
  if (!isReadable) return rebuildBlind(parts, { body, lineage: anew.lineage });
  const { ttlMs, callMs } = parts.timing;
  const taken = await takeChain(parts, { holder: anew.holder, waitMs: 2 * ttlMs + callMs });
  await asTaker(parts, taken, anew.holder, async () => {
    const { head, sequence } = taken.tip.fold;
    await keepHistory(parts, { head: head ?? '', sequence });
    const tip = anew.lineage === '' ? taken.tip : retitled(taken.tip, anew.lineage);
    await restart(parts, tip, { from: head, root: 'fresh', body });
  });
}

/** Rebuilds over a chain that cannot be read: its numbers are taken from its last message, where there is one. */
async function rebuildBlind(parts: ChainParts, anew: { body: Step; lineage: string }): Promise<void> {
  const from = await lookAt(parts, parts.refs.state);
  const last = from === null ? null : await lastKnown(parts, from);
  await forgetHead(parts);
  const tip = emptyTip(parts.workspace, anew.lineage === '' ? parts.world.randomHex(6) : anew.lineage);
  tip.fold.sequence = last?.sequence ?? 0;
  tip.fold.epoch = last?.epoch ?? 0;
  if (from !== null && last !== null) await keepHistory(parts, { head: from, sequence: last.sequence });
  for (const name of await parts.disk.list()) if (name.startsWith('journal-')) await parts.disk.setAside(name);
  await restart(parts, tip, { from, root: 'fresh', body: anew.body });
}

async function lastKnown(parts: ChainParts, head: Sha): Promise<{ sequence: number; epoch: number } | null> {
  try {
    await parts.log.bring(head);
    const commits = await parts.log.commits(head, { limit: 100 });
    return commits.map(commit => parseMessage(commit.message)).find(found => found !== null) ?? null;
  } catch (error) {
    if (error instanceof Fault && error.code === 'integrity') return null;
    throw error;
  }
}

async function keepHistory(parts: ChainParts, { head, sequence }: { head: Sha; sequence: number }): Promise<string> {
  const ref = parts.refs.history(sequence);
  const result = await parts.log.push({ ref, from: null, to: head });
  // After a crash in between, the branch is already there.
  if (result === 'moved' && (await lookAt(parts, ref)) !== head) {
    throw broken('ST-HISTORY', `${ref} exists already and holds other commits`, { fix: 'rename that branch' });
  }
  return ref;
}

async function restart(
  parts: ChainParts,
  tip: Tip,
  anew: { readonly from: Sha | null; readonly root: RootKind; readonly body: Step },
): Promise<void> {
  const { fold } = tip;
  const at = parts.world.clock.now();
  const epoch = anew.root === 'fresh' ? fold.epoch + 1 : fold.epoch;
  const more = { root: anew.root, ...(anew.from === null ? {} : { before: anew.from }) };
  const next = (body: Step, root = {}): Draft =>
    extend(tip, { sequence: fold.sequence + 1, epoch, at, run: null, plan: null, body }, root);
  const { hold } = fold;
  const drafts: Draft[] = [next(anew.body, more)];
  // A fresh root knows nothing of before, but what somebody stopped must not start by itself.
  if (hold !== null && fold.hold === null) drafts.push(next({ step: 'hold', ...hold }));
  if (fold.writer !== null) drafts.push(next({ step: 'release' }));
  await parts.log.write(drafts);
  const result = await parts.log.push({ ref: parts.refs.state, from: anew.from, to: fold.head });
  if (result === 'moved' && (await lookAt(parts, parts.refs.state)) !== fold.head) throw superseded(epoch);
  const loaded = loadedFrom(tip);
  await rememberHead(parts, loaded);
  await keepSnapshot(parts, loaded);
}

function retitled(tip: Tip, lineage: string): Tip {
  return { ...tip, fold: { ...tip.fold, lineage } };
}

/** Keeps the lease while working outside a writer, and leaves nothing of it behind. */
async function asTaker<T>(parts: ChainParts, taken: Taken, holder: Holder, work: () => Promise<T>): Promise<T> {
  const { epoch } = taken.tip.fold;
  const fate = openFate(parts.world, { ttlMs: parts.timing.ttlMs, confirmedAt: taken.confirmedAt });
  const heartbeat = startHeartbeat(parts, fate, { value: taken.lease, id: holder.id, epoch });
  try {
    return await work();
  } finally {
    await heartbeat.stop();
    await parts.log.rest();
    disown(parts, epoch);
    for (const name of taken.leftover.spent) await parts.disk.remove(name);
    for (const name of taken.leftover.void) await parts.disk.setAside(name);
  }
}
