import { hash } from 'node:crypto';
import { digestOf } from '../../planner/digest.ts';
import { advance, type Fold, startFold } from '../../planner/recorded.ts';
import { type Checkpoint, emptyRecorded } from '../../schemas/checkpoint.ts';
import type { Sha, Sha256, WorkspaceKey } from '../../schemas/name.ts';
import type { Draft } from './commit-log.ts';
import { everything, keptPlans, PATHS, planPath, pretty, renderTouched, touchedBy } from './layout.ts';
import type { Loaded } from './loaded.ts';
import { commitMessage } from './message.ts';
import { blobOid, changedFolder, EMPTY_FOLDER, filesBelow, type Folder, folderOid, subfolder } from './tree.ts';

/** The end of the chain with all it takes to add the next link. */
export interface Tip {
  readonly fold: Fold;
  /** Every file of the head commit. */
  folder: Folder;
  plans: readonly Sha256[];
  /** Checksum of the last link; '' before the first. */
  checksum: string;
}

/** How a root begins: with the files there are (compact), or with nothing but what is rendered (rebuild). */
export type RootKind = 'keep' | 'fresh';

export function emptyTip(workspace: WorkspaceKey, lineage: string): Tip {
  return { fold: startFold(emptyRecorded(workspace, lineage)), folder: EMPTY_FOLDER, plans: [], checksum: '' };
}

/** The tip of a recorded state that was read, with its files rendered again. Texts that are only stored come as ids. */
export function tipOf({ recorded, ...stored }: Loaded): Tip {
  const files = renderTouched(recorded, everything(recorded));
  if (stored.plans.length > 0) files.set(PATHS.plans, pretty(stored.plans));
  const oids = [...files].map(([path, text]) => [path, text === null ? null : blobOid(text)] as const);
  const folder = changedFolder(EMPTY_FOLDER, [...oids, ...stored.oids]);
  return { fold: startFold(recorded), folder, plans: stored.plans, checksum: stored.checksum };
}

/** What a tip would be read as. */
export function loadedFrom(tip: Tip): Loaded {
  const files = filesBelow(tip.folder);
  const paths = [PATHS.checkpoint, ...tip.plans.map(planPath)];
  const oids = new Map(paths.map(path => [path, files.get(path) ?? ''] as const));
  return { recorded: startFold(tip.fold), plans: tip.plans, checksum: tip.checksum, oids };
}

/** A checkpoint as it is stored beside the state: the plan stands in a file of its own, so only its digest is repeated. */
export function storedCheckpoint(checkpoint: Checkpoint): Checkpoint {
  const body = checkpoint.body;
  if (body.step !== 'begin' && body.step !== 'approve') return checkpoint;
  const plan = { digest: body.plan.digest, sha256: digestOf(body.plan) };
  return { ...checkpoint, body: { ...body, plan: plan as unknown as typeof body.plan } };
}

/** Links a checkpoint to the one before: over the former checksum, the tree with every file, and the checkpoint's own text. */
export function checksumOf(link: {
  readonly previous: string;
  readonly tree: Sha;
  readonly checkpoint: string;
}): Sha256 {
  return hash('sha256', `${link.previous}\n${link.tree}\n${link.checkpoint}`, 'hex');
}

/** Adds a checkpoint to the tip, in place, and answers with the commit that carries it. */
export function extend(
  tip: Tip,
  checkpoint: Checkpoint,
  options: { readonly root?: RootKind; readonly before?: Sha } = {},
): Draft {
  const { fold } = tip;
  const { root } = options;
  const keeps = root === 'keep' ? folderOid(tip.folder) : null;
  const parent = root === undefined ? fold.head : null;
  const previous = root === 'fresh' ? '' : tip.checksum;
  if (root === 'fresh') Object.assign(fold, { approvals: [], hold: null, writer: null });
  const touched = touchedBy(fold, checkpoint);
  advance(fold, checkpoint);
  const changes = renderTouched(fold, root === 'fresh' ? everything(fold) : touched);
  if (root === 'fresh') {
    tip.folder = EMPTY_FOLDER;
    tip.plans = [];
  }
  addPlan(tip, checkpoint, changes);
  const text = pretty(storedCheckpoint(checkpoint));
  changes.set(PATHS.checkpoint, text);
  tip.folder = changedFolder(
    tip.folder,
    [...changes].map(([path, text]) => [path, text === null ? null : blobOid(text)] as const),
  );
  const tree = folderOid(tip.folder);
  tip.checksum = checksumOf({ previous, tree, checkpoint: text });
  const message = commitMessage(checkpoint, {
    checksum: tip.checksum,
    before: options.before ?? null,
    previous: root === 'keep' ? previous : null,
  });
  const seconds = Math.floor(checkpoint.at / 1_000);
  const oid = commitOid({ tree, parent, message, seconds });
  fold.tree = folderOid(subfolder(tip.folder, 'state'));
  fold.head = oid;
  const intends = checkpoint.body.step === 'intend';
  return { oid, tree, parent, keeps, message, seconds, changes, sequence: checkpoint.sequence, intends };
}

function addPlan(tip: Tip, { body }: Checkpoint, changes: Map<string, string | null>): void {
  if (body.step !== 'begin' && body.step !== 'approve') return;
  const kept = keptPlans(tip.plans, body.plan.digest, tip.fold.run?.plan ?? null);
  for (const digest of tip.plans) if (!kept.includes(digest)) changes.set(planPath(digest), null);
  changes.set(planPath(body.plan.digest), pretty(body.plan));
  changes.set(PATHS.plans, pretty(kept));
  tip.plans = kept;
}

export const SIGNATURE = 'Provisioning <provisioning@localhost>';

function commitOid(commit: { tree: Sha; parent: Sha | null; message: string; seconds: number }): Sha {
  const by = `${SIGNATURE} ${commit.seconds} +0000`;
  const parent = commit.parent === null ? '' : `parent ${commit.parent}\n`;
  const text = `tree ${commit.tree}\n${parent}author ${by}\ncommitter ${by}\n\n${commit.message}`;
  return hash('sha1', `commit ${Buffer.byteLength(text)}\0${text}`, 'hex');
}
