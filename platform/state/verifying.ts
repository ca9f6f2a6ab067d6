import { digestOf } from '../../planner/digest.ts';
import type { Checkpoint } from '../../schemas/checkpoint.ts';
import type { Sha } from '../../schemas/name.ts';
import type { VerifyReport } from '../../schemas/state.ts';
import type { Plan } from '../../schemas/plan.ts';
import type { StoredCommit } from './commit-log.ts';
import { PATHS, planPath } from './layout.ts';
import { parseMessage } from './message.ts';
import type { ChainParts } from './parts.ts';
import { emptyTip, extend, type RootKind, type Tip } from './tip.ts';
import { walk } from './walking.ts';

/** Commits whose checkpoints are read at once. */
const CHUNK = 1_000;

/** Problems that are reported; a broken chain would otherwise list every commit. */
const SHOWN = 50;

/**
 * Makes every commit anew from its checkpoint, from the first one on. A commit's id covers its files, its message with the
 * checksum, and its parent, so two chains with equal ids are equal in everything.
 */
export async function verifyChain(parts: ChainParts, head: Sha | null): Promise<VerifyReport> {
  if (head === null) return { commits: 0, objects: 0, epochs: 0, problems: [] };
  const commits = [...(await walk(parts, head, Number.MAX_SAFE_INTEGER))].reverse();
  const course: Course = { tip: emptyTip(parts.workspace, ''), problems: [], epochs: new Set(), lost: false };
  for (let at = 0; at < commits.length; at += CHUNK) {
    const chunk = commits.slice(at, at + CHUNK);
    const checkpoints = await readCheckpoints(parts, chunk);
    for (const [index, commit] of chunk.entries()) step(course, commit, checkpoints[index] ?? null, at + index === 0);
  }
  const { tip, problems, epochs } = course;
  return {
    commits: commits.length,
    objects: tip.fold.objects.size,
    epochs: epochs.size,
    problems: problems.slice(0, SHOWN),
  };
}

interface Course {
  tip: Tip;
  readonly problems: { commit: Sha; what: string }[];
  readonly epochs: Set<number>;
  /** The fold left the chain: further differences follow from the first one and are not reported. */
  lost: boolean;
}

interface Read {
  readonly checkpoint: Checkpoint;
  readonly lineage: string;
}

function step(course: Course, commit: StoredCommit, read: Read | null, isFirst: boolean): void {
  const report = (what: string): void => {
    course.problems.push({ commit: commit.oid, what });
  };
  const trailers = parseMessage(commit.message);
  if (trailers === null || read === null) {
    course.lost = true;
    return report('is not a checkpoint of this program');
  }
  const { fold } = course.tip;
  const { checkpoint } = read;
  const kind = commit.parent === null ? rootKind(checkpoint) : undefined;
  if (isFirst && kind === 'keep') report(`goes on from ${trailers.before}, which is gone`);
  if (!isFirst && kind !== 'fresh') {
    if (checkpoint.sequence !== fold.sequence + 1) report(`has sequence ${checkpoint.sequence} after ${fold.sequence}`);
    if (checkpoint.epoch < fold.epoch) report(`has epoch ${checkpoint.epoch} after ${fold.epoch}`);
    if (checkpoint.body.step === 'take' && checkpoint.epoch !== fold.epoch + 1)
      report(`takes epoch ${checkpoint.epoch} after ${fold.epoch}`);
  }
  course.epochs.add(checkpoint.epoch);
  if (isFirst || kind === 'fresh') course.tip = emptyTip(fold.workspace, read.lineage);
  if (kind === 'fresh') course.lost = false;
  const draft = extend(course.tip, checkpoint, {
    ...(kind === undefined ? {} : { root: kind }),
    ...(trailers.before === null ? {} : { before: trailers.before }),
  });
  if (course.lost || draft.oid === commit.oid) return;
  course.lost = true;
  report(whatDiffers(commit, { tree: draft.tree, checksum: course.tip.checksum, found: trailers.checksum }));
}

function whatDiffers(commit: StoredCommit, made: { tree: Sha; checksum: string; found: string }): string {
  if (made.tree !== commit.tree) return 'holds other files than its checkpoints say';
  if (made.checksum !== made.found) return 'does not match its checksum';
  return 'has another message or parent than its checkpoint says';
}

/** The first commit of all is a take without a parent: a root, but none that was made on purpose. */
function rootKind(checkpoint: Checkpoint): RootKind | undefined {
  if (checkpoint.body.step === 'compact') return 'keep';
  return checkpoint.body.step === 'rebuild' ? 'fresh' : undefined;
}

async function readCheckpoints(parts: ChainParts, commits: readonly StoredCommit[]): Promise<readonly (Read | null)[]> {
  const texts = await parts.log.texts(commits.map(({ oid }) => ({ commit: oid, path: PATHS.checkpoint })));
  const roots = commits.filter(({ parent }) => parent === null);
  const headers = await parts.log.texts(roots.map(({ oid }) => ({ commit: oid, path: PATHS.header })));
  const read = texts.map(text => parse<Checkpoint>(text));
  const plans = await readPlans(parts, commits, read);
  return read.map((stored, index) => {
    const checkpoint = withPlan(stored, plans.get(index) ?? null);
    const root = roots.findIndex(({ oid }) => oid === commits[index]?.oid);
    const header = parse<{ lineage: string }>(headers[root] ?? null);
    return checkpoint === null ? null : { checkpoint, lineage: header?.lineage ?? '' };
  });
}

async function readPlans(
  parts: ChainParts,
  commits: readonly StoredCommit[],
  read: readonly (Checkpoint | null)[],
): Promise<ReadonlyMap<number, Plan | null>> {
  const wanted: { index: number; commit: Sha; path: string }[] = [];
  for (const [index, checkpoint] of read.entries()) {
    const body = checkpoint?.body;
    if (body?.step !== 'begin' && body?.step !== 'approve') continue;
    wanted.push({ index, commit: commits[index]?.oid ?? '', path: planPath(body.plan.digest) });
  }
  const texts = await parts.log.texts(wanted);
  return new Map(wanted.map(({ index }, at) => [index, parse<Plan>(texts[at] ?? null)]));
}

/** Puts the plan back into its checkpoint; null when it is not the one that was recorded. */
function withPlan(stored: Checkpoint | null, plan: Plan | null): Checkpoint | null {
  const body = stored?.body;
  if (stored === null || (body?.step !== 'begin' && body?.step !== 'approve')) return stored;
  const { sha256 } = body.plan as unknown as { sha256: string };
  return plan !== null && digestOf(plan) === sha256 ? { ...stored, body: { ...body, plan } } : null;
}

function parse<T>(text: string | null): T | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
