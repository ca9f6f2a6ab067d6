import { blindSpots } from '../planner/blind.ts';
import { z } from 'zod';
import { comparePlans } from '../planner/compare.ts';
import { renderPlanText } from '../planner/render/text.ts';
import { againIfBehind, type ApplyReport, applyPlan, recover, resumable, unfinished } from '../reconciler/apply.ts';
import { gate, gateFault } from '../reconciler/gate.ts';
import type { Ports } from '../reconciler/ports.ts';
import { recordObjects } from '../reconciler/recording.ts';
import { RunSummary, summary } from '../reconciler/report.ts';
import { stale } from '../reconciler/stale.ts';
import { look, planView, type View } from '../reconciler/view.ts';
import { Fault } from '../schemas/fault.ts';
import { LIMITS } from '../schemas/limits.ts';
import { Sha256, WorkspaceKey } from '../schemas/name.ts';
import { Plan, type PlanOptions } from '../schemas/plan.ts';
import type { Call, Rendering } from './operation.ts';
import { type TargetFlags, targetOf } from './target.ts';

/** Flags of `apply` and `destroy`. */
export const APPLY_FLAGS = {
  plan: z
    .string()
    .regex(/^[0-9a-f]{12,64}$/, 'a digest has 12 to 64 hexadecimal digits')
    .optional()
    .describe('Apply only if the plan still has this digest.'),
  autoApprove: z.boolean().default(false).describe('Do not ask. Only for workspaces with `review: none`.'),
  wait: z.int().min(0).max(3_600).default(60).describe('Seconds to wait while another process writes.'),
};

/** What `apply` and `destroy` answer. */
export const AppliedOutput = z.strictObject({
  workspace: WorkspaceKey,
  digest: Sha256,
  plan: Plan,
  run: RunSummary.nullable(),
  rollback: RunSummary.nullable(),
  checkpoints: z.int(),
  writes: z.int(),
});
export type AppliedOutput = z.infer<typeof AppliedOutput>;

interface ApplyFlags extends TargetFlags {
  readonly target: readonly string[];
  readonly exclude: readonly string[];
  readonly allowDeletes?: number | undefined;
  readonly destroy: boolean;
  readonly plan?: string | undefined;
  readonly autoApprove: boolean;
  readonly wait: number;
}

/** Plans, asks or checks the approval, and applies. Goes on with an interrupted run first. */
export function apply(ports: Ports, flags: ApplyFlags, call: Call): Promise<AppliedOutput> {
  return againIfBehind(() => applyOnce(ports, flags, call));
}

async function applyOnce(ports: Ports, flags: ApplyFlags, call: Call): Promise<AppliedOutput> {
  const target = await targetOf(ports, flags);
  const options = { actor: call.actor, signals: call.signals, progress: call.progress, waitMs: flags.wait * 1_000 };
  let view = await look(ports, target, call.signals.abort);
  if (unfinished(view) || resumable(view.recorded) !== null) {
    const resumed = await recover(ports, view, options);
    const stopped = resumed !== null && resumed.run.outcome !== 'done';
    const tally = view.session.tally.writes;
    view = await look(ports, target, call.signals.abort);
    if (resumed !== null && stopped) {
      const { plan } = await planView(ports, view, planOptions(flags), call.signals.abort);
      return answer(plan, resumed, tally);
    }
  }
  const { plan, followed } = await planView(ports, view, planOptions(flags), call.signals.abort);
  await checkPinned(ports, flags, plan);
  if (plan.changes.length === 0) {
    refuseBlind(plan);
    if (followed.length > 0) await recordObjects(ports, view, followed, options);
    return answer(plan, null, 0);
  }
  const approvedBy = await permitted(ports, { view, plan, flags }, call);
  const report = await applyPlan(ports, view, plan, { ...options, approvedBy });
  return answer(plan, report, view.session.tally.writes);
}

/** A provider that could not be looked at has no changes in a plan. That is no reason to say that all is well. */
function refuseBlind({ findings }: Plan): void {
  const [blind] = blindSpots(findings);
  if (blind === undefined) return;
  const { id, what, fix } = blind;
  const why = 'nothing was changed, because what cannot be seen is neither created nor deleted';
  throw new Fault('unavailable', { id, what, why, ...(fix === undefined ? {} : { fix }) });
}

function planOptions(flags: ApplyFlags): PlanOptions {
  return {
    targets: [...flags.target],
    excludes: [...flags.exclude],
    destroy: flags.destroy,
    allowDeletes: flags.allowDeletes ?? null,
  };
}

/** With `--plan`, anything but that very plan is refused with zero writes, and so is one that was shown too long ago. */
async function checkPinned(ports: Ports, flags: ApplyFlags, plan: Plan): Promise<void> {
  if (flags.plan === undefined) return;
  const kept = await ports.shelf.find(flags.plan);
  if (!plan.digest.startsWith(flags.plan)) {
    throw stale(flags.plan, plan, kept === null ? null : comparePlans(kept.plan, plan));
  }
  if (kept !== null && ports.world.clock.now() - kept.keptAt > LIMITS.planMaxAgeMs) {
    const hours = LIMITS.planMaxAgeMs / 3_600_000;
    throw new Fault('refused', {
      id: 'RUN-OLD',
      what: `plan ${plan.digest.slice(0, 12)} was shown more than ${hours} hours ago`,
      fix: 'make a new plan and look at it',
    });
  }
}

async function permitted(
  ports: Ports,
  asked: { readonly view: View; readonly plan: Plan; readonly flags: ApplyFlags },
  call: Call,
): Promise<string | null> {
  const { view, plan, flags } = asked;
  const nowMs = ports.world.clock.now();
  const verdict = gate({ plan, recorded: view.recorded, settings: view.workspace.settings, nowMs, attended: true });
  if (!verdict.open) throw gateFault(verdict, plan);
  if (verdict.approvedBy !== null || flags.plan !== undefined) return verdict.approvedBy;
  if (flags.autoApprove) return null;
  const detail = renderPlanText(plan, { colour: false, width: 100 });
  const agreed = await call.confirm({
    title: `Apply these ${plan.changes.length} changes to ${plan.workspace}?`,
    detail,
  });
  if (!agreed) throw new Fault('refused', { id: 'RUN-DECLINED', what: 'the plan was not confirmed' });
  return call.actor;
}

export function answer(plan: Plan, report: ApplyReport | null, writes: number): AppliedOutput {
  return {
    workspace: plan.workspace,
    digest: plan.digest,
    plan,
    run: report === null ? null : summary(report.runId, report.run, plan.purpose),
    rollback: report?.rollback ? summary(report.rollback.runId, report.rollback.run, 'rollback') : null,
    checkpoints: report?.checkpoints ?? 0,
    writes,
  };
}

export function appliedText(output: AppliedOutput, _rendering: Rendering): string {
  if (output.run === null) return `${output.workspace} is in sync. Nothing was changed.\n`;
  const lines = [runLine(output.workspace, output.run, output.checkpoints)];
  for (const { key, fault } of output.run.failed)
    lines.push(`  ✗ failed   ${key}: ${String(fault.problems[0]?.what ?? fault.code)}`);
  for (const { key, because } of output.run.skipped) lines.push(`  - skipped  ${key}: ${because}`);
  if (output.rollback !== null) lines.push(runLine(output.workspace, output.rollback, 0));
  return `${lines.join('\n')}\n`;
}

function runLine(workspace: string, run: RunSummary, checkpoints: number): string {
  const verb = run.purpose === 'rollback' ? 'Rollback' : 'Apply';
  const seconds = (run.durationMs / 1_000).toFixed(1);
  const tail = checkpoints === 0 ? '' : `, ${checkpoints} checkpoints`;
  return `${verb} of ${workspace} ${run.outcome}: ${run.done.length} done, ${run.failed.length} failed, ${run.skipped.length} skipped in ${seconds} s${tail}. Run ${run.id}.`;
}

/** 0 when all was done, 5 when something was done or may be done and something was not. */
export function appliedExit(output: AppliedOutput): number {
  return output.run === null || output.run.outcome === 'done' ? 0 : 5;
}
