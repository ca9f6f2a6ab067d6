import { type RunReport, runPlan } from '../appliers/run.ts';
import { makeRollback } from '../planner/rollback.ts';
import { upstreamLookup } from '../planner/upstream.ts';
import type { Recorded, RunRecord } from '../schemas/checkpoint.ts';
import { Fault } from '../schemas/fault.ts';
import { sameJson } from '../schemas/json.ts';
import type { Plan } from '../schemas/plan.ts';
import type { ProgressEvent } from '../schemas/progress.ts';
import { ProviderFault } from '../schemas/provider.ts';
import type { StateWriter } from '../schemas/state.ts';
import { newId } from '../schemas/world.ts';
import type { Ports } from './ports.ts';
import { observe } from './session.ts';
import { readUpstream } from './upstream.ts';
import type { View } from './view.ts';

/** How a person can stop a run: `stop` lets what is in flight finish, `abort` does not wait. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

export interface ApplyOptions {
  readonly actor: string;
  readonly signals: Signals;
  readonly progress: (event: ProgressEvent) => void;
  /** Longest time in milliseconds to wait for another writer. */
  readonly waitMs: number;
}

/** What one turn as the writer did. */
export interface ApplyReport {
  readonly runId: string;
  readonly run: RunReport;
  /** The run that took the failed one back, where the workspace asks for it. */
  readonly rollback: { readonly runId: string; readonly run: RunReport } | null;
  /** Checkpoint commits added to the chain. */
  readonly checkpoints: number;
}

/** A run that was begun and can go on: nobody ended it, or somebody stopped it. */
export function resumable(recorded: Recorded): RunRecord | null {
  const run = recorded.run;
  return run !== null && (run.outcome === null || run.outcome === 'stopped') ? run : null;
}

/** A failed run whose automatic rollback was never begun, because the process died in between. */
function rollbackOwed(recorded: Recorded, view: View): RunRecord | null {
  const run = recorded.run;
  const owed =
    run !== null &&
    run.outcome === 'failed' &&
    run.purpose === 'apply' &&
    view.workspace.settings.rollback === 'automatic';
  return owed ? run : null;
}

/** Something a former process left: open intents, a run without an end, or a rollback that is due. */
export function unfinished(view: View): boolean {
  return (
    view.recorded.intents.size > 0 || view.recorded.run?.outcome === null || rollbackOwed(view.recorded, view) !== null
  );
}

/** Problems of a plan that was made from an older record than the one its writer found: its own, or another workspace's. */
const RECORD_AHEAD = 'RUN-STALE-RECORD';
const UPSTREAM_AHEAD = 'RUN-STALE-UPSTREAM';

/**
 * Does the work, and once more when taking the workspace showed a newer record: what a crashed process had only in this
 * machine's journal comes to light then, and the second look finishes it.
 */
export async function againIfBehind<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const id = error instanceof Fault ? error.problems[0]?.id : undefined;
    if (id === RECORD_AHEAD || id === UPSTREAM_AHEAD) return work();
    throw error;
  }
}

/**
 * Becomes the writer and runs the plan. Refuses with zero writes when the record is not the one the plan was made from.
 * Throws Fault `locked` while another one writes, `refused` when the plan is stale.
 */
export async function applyPlan(
  ports: Ports,
  view: View,
  plan: Plan,
  options: ApplyOptions & { readonly approvedBy: string | null; readonly rollbackOf?: string },
): Promise<ApplyReport> {
  return asWriter(ports, view, options, async writer => {
    if (writer.recorded.tree !== plan.base || writer.recorded.intents.size > 0) {
      throw new Fault('refused', {
        id: RECORD_AHEAD,
        what: `the record of ${plan.workspace} changed after plan ${plan.digest.slice(0, 12)} was made`,
        fix: 'make a new plan',
      });
    }
    await checkUpstream(ports, view, plan);
    const runId = newId(ports.world);
    const rollbackOf = options.rollbackOf ?? null;
    return runAndMaybeUndo(
      ports,
      { ...view, recorded: writer.recorded },
      { plan, runId, rollbackOf, writer, options, approvedBy: options.approvedBy },
    );
  });
}

/** Refuses when another workspace was applied since the plan was made and a value that the plan pins is another one now. */
async function checkUpstream(ports: Ports, { uses, target }: View, plan: Plan): Promise<void> {
  if (plan.upstream === undefined) return;
  const values = await readUpstream(ports, { uses, stateRemote: target.stateRemote });
  const moved = plan.upstream.find(({ ref, value }) => !sameJson(upstreamLookup(values, ref) ?? null, value));
  if (moved === undefined) return;
  throw new Fault('refused', {
    id: UPSTREAM_AHEAD,
    what: `${moved.workspace} was applied after plan ${plan.digest.slice(0, 12)} was made, and ${moved.ref} changed`,
    fix: 'make a new plan',
  });
}

/**
 * Finishes what a former process left: settles every open intent by looking, then goes on with the run when the files
 * still ask for the same, and ends it otherwise.
 */
export async function recover(ports: Ports, view: View, options: ApplyOptions): Promise<ApplyReport | null> {
  return asWriter(ports, view, options, async writer => {
    const run = writer.recorded.run;
    if (run === null) return null;
    const plan = await view.store.plan(run.plan);
    if (plan === null) {
      throw new Fault('integrity', {
        id: 'ST-PLAN',
        what: `the chain has no plan ${run.plan.slice(0, 12)} for run ${run.id}`,
        fix: 'provisioning state verify',
      });
    }
    const now: View = { ...view, recorded: writer.recorded };
    const owed = rollbackOwed(writer.recorded, now);
    if (owed !== null && writer.recorded.intents.size === 0) {
      return undo(ports, now, { plan, run: owed, writer, options }).then(rollback =>
        rollback === null ? null : { runId: rollback.runId, run: rollback.run, rollback: null },
      );
    }
    const isAsked = plan.tree === view.tree || plan.purpose === 'rollback';
    return runAndMaybeUndo(ports, now, {
      plan,
      runId: run.id,
      rollbackOf: run.rollbackOf,
      writer,
      options,
      approvedBy: run.approvedBy,
      settleOnly: !isAsked,
    });
  });
}

type Turn = Omit<ApplyReport, 'checkpoints'>;

async function asWriter<T extends Turn | null>(
  ports: Ports,
  view: View,
  options: ApplyOptions,
  work: (writer: StateWriter) => Promise<T>,
): Promise<T extends null ? null : ApplyReport> {
  const writer = await view.store.take(ports.holder, { waitMs: options.waitMs, signal: options.signals.stop });
  const before = writer.recorded.sequence;
  try {
    const turn = await work(writer);
    const report = turn === null ? null : { ...turn, checkpoints: writer.recorded.sequence - before };
    return report as T extends null ? null : ApplyReport;
  } finally {
    await writer.close({ release: true });
  }
}

interface Task {
  readonly plan: Plan;
  readonly runId: string;
  readonly rollbackOf: string | null;
  readonly writer: StateWriter;
  readonly options: ApplyOptions;
  readonly approvedBy: string | null;
  readonly settleOnly?: boolean;
}

async function runAndMaybeUndo(ports: Ports, view: View, turn: Task): Promise<Turn> {
  const run = await runOne(ports, view, turn);
  const record = turn.writer.recorded.run;
  const wanted =
    run.outcome === 'failed' && turn.plan.purpose === 'apply' && view.workspace.settings.rollback === 'automatic';
  // What is not settled cannot be taken back: the next pass settles it first.
  if (!wanted || record === null || turn.writer.recorded.intents.size > 0)
    return { runId: turn.runId, run, rollback: null };
  const rollback = await undo(
    ports,
    { ...view, recorded: turn.writer.recorded },
    { plan: turn.plan, run: record, writer: turn.writer, options: turn.options },
  );
  return { runId: turn.runId, run, rollback };
}

async function runOne(ports: Ports, view: View, turn: Task): Promise<RunReport> {
  const { session, workspace } = view;
  await ports.audit.record({
    actor: turn.options.actor,
    operation: 'run.begin',
    permission: 'apply:write',
    target: workspace.key,
    facts: { run: turn.runId, plan: turn.plan.digest, commit: turn.plan.commit, purpose: turn.plan.purpose },
  });
  await view.secrets.prepare(turn.plan, { id: turn.runId, actor: turn.options.actor });
  const report = await runPlan({
    plan: turn.plan,
    runId: turn.runId,
    writer: turn.writer,
    connection: provider => {
      const connection = session.connections.get(provider);
      if (connection !== undefined) return connection;
      const message = session.unavailable.get(provider) ?? `there is no provider "${provider}"`;
      throw new ProviderFault({ class: 'transient', code: 'unavailable', message });
    },
    capability: session.capability,
    context: session.context(turn.options.signals.abort),
    limits: { parallel: workspace.settings.limits.parallel, perProvider: workspace.settings.limits.perProvider },
    signals: turn.options.signals,
    settleOnly: turn.settleOnly ?? false,
    held: () => view.store.holdRequested(),
    progress: turn.options.progress,
    approvedBy: turn.approvedBy,
    rollbackOf: turn.rollbackOf,
  });
  ports.log.write('note', 'run ended', {
    workspace: workspace.key,
    run: turn.runId,
    outcome: report.outcome,
    changes: report.done.length,
  });
  return report;
}

/** Takes back what a failed run did. Null when it had done nothing, or nothing of it can be taken back. */
async function undo(
  ports: Ports,
  view: View,
  failed: {
    readonly plan: Plan;
    readonly run: RunRecord;
    readonly writer: StateWriter;
    readonly options: ApplyOptions;
  },
): Promise<{ runId: string; run: RunReport } | null> {
  await ports.world.reach('rollback.begin');
  const observations = await observe(view.session, view, failed.options.signals.abort);
  const plan = makeRollback({
    plan: failed.plan,
    recorded: view.recorded,
    observations,
    capability: view.session.capability,
    catalogues: {},
    tool: ports.tool,
    commit: view.commit,
    tree: view.tree,
  });
  if (plan.changes.length === 0 || plan.findings.some(finding => finding.level === 'error')) return null;
  const runId = newId(ports.world);
  const run = await runOne(ports, view, {
    plan,
    runId,
    rollbackOf: failed.run.id,
    writer: failed.writer,
    options: failed.options,
    approvedBy: failed.run.approvedBy,
  });
  await ports.world.reach('rollback.end');
  return { runId, run };
}
