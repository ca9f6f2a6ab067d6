import { pass, type PassOptions } from '../pass.ts';
import { foldersAbove } from '../neighbours.ts';
import type { PassReport } from '../report.ts';
import type { Target } from '../target.ts';
import { agreementOf } from './agreement.ts';
import type { ReviewContext } from './context.ts';
import { openLive } from './live.ts';
import { pendingBefore } from './pending.ts';

/**
 * Brings one workspace to the head of its branch. Several pull requests may have been merged since the last apply, and
 * each was reviewed against what was there then: when the head as a whole is not agreed to, the commits before it are
 * tried one by one, oldest first, so that each applies exactly what was reviewed on it. Nothing is ever applied after a
 * newer commit.
 */
export async function advance(ctx: ReviewContext, target: Target, options: PassOptions): Promise<PassReport> {
  const first = await step(ctx, target, options);
  if (first.status !== 'waiting' || first.commit === null) return first;
  let isApplied = false;
  const { commit: head, workspace } = first;
  if (workspace === null) return first;
  const upstream = await foldersAbove(ctx.ports, target);
  for (const commit of await pendingBefore(ctx, { workspace, folder: target.prefix, commit: head, upstream })) {
    if (options.signals.stop.aborted) break;
    const report = await step(ctx, { ...target, revision: commit }, options);
    if (report.status === 'applied' || report.status === 'resumed') isApplied = true;
    else if (report.status !== 'waiting' && report.status !== 'in-sync' && report.status !== 'refused') return report;
  }
  return isApplied ? step(ctx, target, options) : first;
}

/** One pass at one commit, with its progress in the comment it is for. */
async function step(ctx: ReviewContext, target: Target, options: PassOptions): Promise<PassReport> {
  const live = openLive(ctx, target.revision);
  const progress: PassOptions['progress'] = event => {
    options.progress(event);
    live.progress(event);
  };
  try {
    return await pass(ctx.ports, target, { ...options, progress, agreement: agreementOf(ctx) });
  } finally {
    await live.end();
  }
}
