import type { ReviewRecord } from '../../schemas/review.ts';
import { applyPlan } from '../apply.ts';
import { planRollback } from '../rollback.ts';
import { look } from '../view.ts';
import type { ReviewContext } from './context.ts';
import { targetIn } from './plans.ts';

/** How long to wait for another writer. */
const WAIT_MS = 60_000;

/** Takes back the newest run of every workspace of a merged pull request, where that run was for it. One sentence for each. */
export async function undo(ctx: ReviewContext, record: ReviewRecord, by: string): Promise<string> {
  const said: string[] = [];
  for (const one of record.plans) {
    if (record.mergeCommit === null) continue;
    const target = targetIn(ctx, { ...one, revision: record.mergeCommit });
    const view = await look(ctx.ports, target, ctx.signals.abort);
    if (view.recorded.run?.commit !== record.mergeCommit) {
      said.push(`${one.workspace}: the newest run is not of this pull request, nothing was taken back.`);
      continue;
    }
    const { run, plan } = await planRollback(ctx.ports, view);
    const error = plan.findings.find(finding => finding.level === 'error');
    if (error !== undefined || plan.changes.length === 0) {
      said.push(`${one.workspace}: ${error?.what ?? 'there is nothing to take back'}.`);
      continue;
    }
    const applied = await applyPlan(ctx.ports, view, plan, {
      actor: by,
      signals: ctx.signals,
      progress: () => {},
      waitMs: WAIT_MS,
      approvedBy: `${by} on #${record.pull}`,
      rollbackOf: run.id,
    });
    said.push(`${one.workspace}: ${applied.run.done.length} of ${plan.changes.length} changes were taken back.`);
  }
  return said.join(' ');
}
