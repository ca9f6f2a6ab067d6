import { pass, type PassOptions } from '../pass.ts';
import type { PassReport } from '../report.ts';
import type { Target } from '../target.ts';
import { agreementOf } from './agreement.ts';
import type { ReviewContext } from './context.ts';
import { pendingBefore } from './pending.ts';

/**
 * Brings one workspace to the head of its branch. Several pull requests may have been merged since the last apply, and
 * each was reviewed against what was there then: when the head as a whole is not agreed to, the commits before it are
 * tried one by one, oldest first, so that each applies exactly what was reviewed on it. Nothing is ever applied after a
 * newer commit.
 */
export async function advance(ctx: ReviewContext, target: Target, options: PassOptions): Promise<PassReport> {
  const how = { ...options, agreement: agreementOf(ctx) };
  const first = await pass(ctx.ports, target, how);
  if (first.status !== 'waiting' || first.commit === null) return first;
  let isApplied = false;
  const { commit: head, workspace } = first;
  if (workspace === null) return first;
  for (const commit of await pendingBefore(ctx, { workspace, folder: target.prefix, commit: head })) {
    if (options.signals.stop.aborted) break;
    const step = await pass(ctx.ports, { ...target, revision: commit }, how);
    if (step.status === 'applied' || step.status === 'resumed') isApplied = true;
    else if (step.status !== 'waiting' && step.status !== 'in-sync' && step.status !== 'refused') return step;
  }
  return isApplied ? pass(ctx.ports, target, how) : first;
}
