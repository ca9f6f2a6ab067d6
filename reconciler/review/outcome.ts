import type { Recorded, RunRecord } from '../../schemas/checkpoint.ts';
import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { Plan } from '../../schemas/plan.ts';
import type { ReviewedPlan, ReviewRecord, RunView, StepView } from '../../schemas/review.ts';
import type { HistoryEntry, WorkspaceState } from '../../schemas/state.ts';
import { differencesOf } from './agreement.ts';
import type { ReviewContext } from './context.ts';
import { pendingBefore, pullsBehind } from './pending.ts';
import { governing, planTarget, targetIn } from './plans.ts';

/** What became of one reviewed plan after the merge. Read from the state chain, so a restarted process tells the same story. */
export interface Outcome {
  readonly status: 'queued' | 'applying' | 'applied' | 'failed' | 'waiting';
  readonly run: RunView | null;
  /** Pull requests of the same workspace that are applied first. */
  readonly behind: readonly number[];
  /** The plan of now, where it is another one. */
  readonly now: ReviewedPlan | null;
}

/** How many checkpoints are looked through for what failed in a run that was taken back. */
const HISTORY = 400;

const QUIET = { run: null, now: null, behind: [] } as const;

/** Looks at what was done for one reviewed plan since its pull request became `mergeCommit`. `before`: those of the plans that it may read. */
export async function outcomeOf(
  ctx: ReviewContext,
  record: ReviewRecord,
  one: {
    readonly reviewed: ReviewedPlan;
    readonly mergeCommit: Sha;
    readonly before: ReadonlyMap<WorkspaceKey, Outcome>;
  },
): Promise<Outcome> {
  const { reviewed, mergeCommit } = one;
  const { ports, source } = ctx;
  if (reviewed.plan === null) return { ...QUIET, status: 'failed' };
  const store = ports.openState({ remote: ctx.stateRemote, workspace: reviewed.workspace });
  const recorded = await store.read();
  const run = recorded.run;
  if (run?.commit === mergeCommit) return ran(store, recorded, run);
  // A run of a newer commit brings it along, unless it was applied before: whatever becomes of that run, this stays applied.
  const isReported = record.runs?.some(({ workspace }) => workspace === reviewed.workspace) === true;
  if (run !== null && (await source.isAncestor({ older: mergeCommit, newer: run.commit })))
    return { ...QUIET, status: isReported || run.outcome === 'done' ? 'applied' : 'queued' };
  // It was planned with values that come with the others: until then nobody can tell whether it still is what was reviewed.
  const reads = reviewed.plan.upstream?.map(pin => one.before.get(pin.workspace)?.status ?? 'applied') ?? [];
  if (reads.some(status => status !== 'applied')) return { ...QUIET, status: 'queued' };
  const { workspace, folder } = reviewed;
  const behind = await pullsBehind(ctx, await pendingBefore(ctx, { workspace, folder, commit: mergeCommit }));
  // What was merged before is applied first, and only then it can be told whether this is still what was reviewed.
  if (behind.length > 0) return { ...QUIET, status: 'queued', behind };
  const target = targetIn(ctx, { ...reviewed, revision: mergeCommit });
  const { trust } = await governing(ctx, mergeCommit, target);
  const now = await planTarget(ctx, target, { trust, isFork: false, isFull: true, record });
  if (now.plan !== null && now.plan.changes.length === 0) return { ...QUIET, status: 'applied' };
  const differences = now.plan === null ? ['it cannot be planned any more'] : differencesOf(reviewed, now.plan);
  return differences.length === 0
    ? { ...QUIET, status: 'queued' }
    : { ...QUIET, status: 'waiting', now: { ...now, differences: [...differences] } };
}

async function ran(store: WorkspaceState, recorded: Recorded, run: RunRecord): Promise<Outcome> {
  const plan = await store.plan(run.plan);
  if (run.purpose === 'rollback') return { ...QUIET, status: 'failed', run: await takenBack(store, run, plan) };
  const view = plan === null ? null : runView(recorded, run, plan);
  if (run.outcome === null || run.outcome === 'stopped') return { ...QUIET, status: 'applying', run: view };
  return { ...QUIET, status: run.outcome === 'failed' ? 'failed' : 'applied', run: view };
}

/** The steps of a run by what the chain records. */
function runView(recorded: Recorded, run: RunRecord, plan: Plan): RunView {
  const steps = plan.changes.map(change => stepOf(recorded, run, change));
  return {
    outcome: run.outcome ?? 'running',
    steps,
    checkpoints: steps.filter(({ status }) => status === 'done').length,
    durationMs: run.endedAt === null ? null : run.endedAt - run.startedAt,
    undone: [],
  };
}

function stepOf(recorded: Recorded, run: RunRecord, change: Plan['changes'][number]): StepView {
  const { key } = change;
  const fault = run.failed[key];
  if (fault !== undefined) return { key, status: 'failed', text: String(fault.problems[0]?.what ?? fault.code) };
  const object = recorded.objects.get(change.address);
  const isGone = change.action === 'delete' || change.action === 'forget';
  const isDone = isGone ? object?.id !== change.id : object?.by.run === run.id;
  if (run.outcome === 'done' || isDone) return { key, status: 'done', text: '' };
  if (recorded.intents.has(key)) return { key, status: 'running', text: '' };
  return { key, status: run.outcome === null ? 'waiting' : 'skipped', text: '' };
}

/** A run that failed and was taken back: its own record is gone, but every failure is a checkpoint. */
async function takenBack(store: WorkspaceState, run: RunRecord, plan: Plan | null): Promise<RunView> {
  const history = await store.history({ limit: HISTORY });
  const failed = history.filter(entry => entry.run === run.rollbackOf && entry.step === 'fail');
  const steps: StepView[] = failed.map(entry => ({ key: entry.key ?? '', status: 'failed', text: reasonOf(entry) }));
  return {
    outcome: run.outcome === 'failed' ? 'failed' : 'rolled-back',
    steps,
    checkpoints: 0,
    durationMs: run.endedAt === null ? null : run.endedAt - run.startedAt,
    undone: plan?.changes.map(({ key }) => key) ?? [],
  };
}

function reasonOf({ subject, key }: HistoryEntry): string {
  const at = key === null ? -1 : subject.indexOf(key);
  return at < 0 ? subject : subject.slice(at + (key?.length ?? 0)).replace(/^[:\s]+/, '');
}
