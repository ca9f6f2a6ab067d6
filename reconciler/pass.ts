import { blindSpots } from '../planner/blind.ts';
import { findDrift } from '../planner/drift.ts';
import { asFault, Fault, faultJson } from '../schemas/fault.ts';
import type { Sha } from '../schemas/name.ts';
import type { Plan, PlanOptions } from '../schemas/plan.ts';
import {
  type ApplyOptions,
  type ApplyReport,
  againIfBehind,
  applyPlan,
  recover,
  resumable,
  unfinished,
} from './apply.ts';
import { driftEntries } from './drift.ts';
import { type Gate, gate } from './gate.ts';
import type { Ports } from './ports.ts';
import { recordObjects } from './recording.ts';
import { faultRecord, type PassReport, type PassStatus, summary } from './report.ts';
import { findSurplus } from './surplus.ts';
import type { Target } from './target.ts';
import { look, PLAIN_OPTIONS, planView, type View } from './view.ts';

export interface PassOptions extends ApplyOptions {
  /** Called with every plan that is about to be applied or waits for approval. */
  readonly shown: (plan: Plan) => void;
  /** How agreement is found on a Git host. It is asked at apply time, and never remembered. */
  readonly agreement?: Agreement;
}

/** The word of a Git host about one commit. */
export interface Agreement {
  /** How the plan was restricted or widened where it was reviewed. */
  options(view: View): Promise<PlanOptions>;
  gate(view: View, plan: Plan): Promise<Gate>;
  /** Whether a commit that was applied before its merge became part of what `head` holds, though not as an ancestor. */
  follows(applied: Sha, head: Sha): Promise<boolean>;
}

/**
 * One pass over one workspace: look, finish what was left, plan, gate, apply. It never throws for what a workspace,
 * a cloud or a remote does: the report says it. Level-triggered: nothing is remembered from a former pass but the chain.
 */
export async function pass(ports: Ports, target: Target, options: PassOptions): Promise<PassReport> {
  const report: PassReport = { ...EMPTY, folder: target.prefix };
  try {
    return await againIfBehind(() => steps(ports, target, options, report));
  } catch (error) {
    return faulted(report, asFault(error));
  }
}

const EMPTY: PassReport = {
  workspace: null,
  folder: '',
  stateRef: null,
  commit: null,
  status: 'in-sync',
  plan: null,
  digest: null,
  run: null,
  rollback: null,
  checkpoints: 0,
  writes: 0,
  drift: [],
  driftEverySeconds: null,
  next: '',
  fault: null,
};

async function steps(ports: Ports, target: Target, options: PassOptions, report: PassReport): Promise<PassReport> {
  let view = await look(ports, target, options.signals.abort);
  fill(report, view);
  await refuseRewritten(view, options.agreement);
  if (unfinished(view)) {
    const recovered = await recover(ports, view, options);
    if (recovered !== null) record(report, view, recovered, 'resumed');
    if (options.signals.stop.aborted || report.run?.outcome === 'stopped') return report;
    view = await look(ports, target, options.signals.abort);
    if (view.recorded.intents.size > 0) return report;
  }
  const surplus = findSurplus(view.recorded, view.observations);
  if (surplus.length > 0) {
    await recordObjects(ports, view, surplus, options);
    view = await look(ports, target, options.signals.abort);
  }
  const asked = (await options.agreement?.options(view)) ?? PLAIN_OPTIONS;
  let planned = await planView(ports, view, asked, options.signals.abort);
  if (planned.followed.length > 0) {
    report.checkpoints += await recordObjects(ports, view, planned.followed, options);
    view = await look(ports, target, options.signals.abort);
    planned = await planView(ports, view, asked, options.signals.abort);
  }
  const { plan } = planned;
  const drift = driftEntries(findDrift({ recorded: view.recorded, observations: view.observations }));
  const seen = { ...report, drift, plan, digest: plan.digest };
  if (plan.changes.length === 0) return concluded(seen, plan);
  return apply(ports, view, plan, { options, report: seen });
}

async function apply(
  ports: Ports,
  view: View,
  plan: Plan,
  { options, report }: { options: PassOptions; report: PassReport },
): Promise<PassReport> {
  options.shown(plan);
  await ports.shelf.keep(plan);
  const stopped = resumable(view.recorded);
  if (stopped !== null && (await continues(view, stopped.plan))) {
    const resumed = await recover(ports, view, options);
    if (resumed !== null) record(report, view, resumed, 'resumed');
    return report;
  }
  const verdict = gate({
    plan,
    recorded: view.recorded,
    settings: view.workspace.settings,
    nowMs: ports.world.clock.now(),
    attended: false,
    ...(options.agreement === undefined ? {} : { agreed: await options.agreement.gate(view, plan) }),
  });
  if (!verdict.open) {
    const status = { blocked: 'refused', unapproved: 'waiting', held: 'held', 'given-up': 'failed' } as const;
    return { ...report, status: status[verdict.because], next: verdict.problems[0]?.fix ?? '' };
  }
  const applied = await applyPlan(ports, view, plan, { ...options, approvedBy: verdict.approvedBy });
  record(report, view, applied, 'applied');
  return report;
}

/** A followed branch only goes forward: a commit that does not descend from the one applied last was not reviewed as its successor. */
async function refuseRewritten(view: View, agreement: Agreement | undefined): Promise<void> {
  const applied = view.recorded.run?.commit;
  if (!view.target.follow || applied === undefined || applied === view.commit) return;
  if (await view.target.source.isAncestor({ older: applied, newer: view.commit })) return;
  if ((await agreement?.follows(applied, view.commit)) === true) return;
  throw new Fault('refused', {
    id: 'GIT-REWRITTEN',
    what: `history was rewritten: ${view.commit.slice(0, 12)} does not descend from ${applied.slice(0, 12)}, which was applied last`,
    why: 'a force-push can bring back what was reviewed away',
    fix: `look at both commits, then run \`provisioning apply\` in a clone at ${view.commit.slice(0, 12)}`,
  });
}

/** Whether a stopped run's plan still is what the files ask for. */
async function continues(view: View, digest: string): Promise<boolean> {
  const stopped = await view.store.plan(digest);
  return stopped !== null && stopped.tree === view.tree;
}

function fill(report: PassReport, view: View): void {
  report.workspace = view.workspace.key;
  report.stateRef = view.store.ref;
  report.commit = view.commit;
  report.driftEverySeconds = view.workspace.settings.drift.everySeconds;
}

/** Nothing to change: in sync, unless something could not be looked at. */
function concluded(report: PassReport, plan: Plan): PassReport {
  const errors = plan.findings.filter(finding => finding.level === 'error');
  if (errors.length > 0) return { ...report, status: 'refused', next: errors[0]?.fix ?? errors[0]?.what ?? '' };
  const [blind] = blindSpots(plan.findings);
  if (blind !== undefined) return { ...report, status: 'unavailable', next: blind.what };
  return report.run === null ? { ...report, status: 'in-sync' } : report;
}

function record(report: PassReport, view: View, applied: ApplyReport, good: PassStatus): void {
  report.run = summary(applied.runId, applied.run, 'apply');
  report.rollback =
    applied.rollback === null ? null : summary(applied.rollback.runId, applied.rollback.run, 'rollback');
  report.checkpoints += applied.checkpoints;
  report.writes = view.session.tally.writes;
  report.status = statusOf(applied, good);
  report.next = nextAfter(report.status);
}

function statusOf(applied: ApplyReport, good: PassStatus): PassStatus {
  if (applied.rollback?.run.outcome === 'done') return 'rolled-back';
  if (applied.run.outcome === 'done' || applied.run.outcome === 'superseded') return good;
  return applied.run.outcome === 'failed' ? 'failed' : 'stopped';
}

function nextAfter(status: PassStatus): string {
  if (status === 'stopped') return 'run the same command again: it goes on where it stopped';
  if (status === 'failed') return 'mend the cause and push, or `provisioning rollback` to take this run back';
  if (status === 'rolled-back') return 'push a commit that mends the cause';
  return '';
}

function faulted(report: PassReport, fault: Fault): PassReport {
  const statuses: { readonly [code: string]: PassStatus } = {
    locked: 'locked',
    invalid: 'invalid',
    unavailable: 'unavailable',
    refused: 'refused',
  };
  const status = statuses[fault.code] ?? 'failed';
  return { ...report, status, next: fault.problems[0]?.fix ?? '', fault: faultRecord(faultJson(fault)) };
}
