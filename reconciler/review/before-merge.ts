import { type PassOptions, pass } from '../pass.ts';
import type { PassReport } from '../report.ts';
import { agreementBefore } from './agreement.ts';
import type { ReviewContext } from './context.ts';
import { targetIn } from './plans.ts';

/**
 * Applies open pull requests whose workspace allows it, that contain the newest base branch, and for which somebody
 * asked. Their approval is weighed like that of a merged one.
 */
export async function applyBefore(
  ctx: ReviewContext,
  pulls: readonly number[],
  options: PassOptions,
): Promise<readonly PassReport[]> {
  const reports: PassReport[] = [];
  for (const number of pulls) {
    const [pull, stored] = await Promise.all([ctx.forge.pull(number), ctx.store.read(number)]);
    if (pull?.state !== 'open' || stored === null) continue;
    const { record } = stored;
    if (record.applyFor !== pull.head.sha || record.merged !== pull.head.sha) continue;
    const agreement = agreementBefore(ctx, { pull, record });
    for (const plan of record.plans) {
      if (plan.plan?.changes.length === 0) continue;
      const target = targetIn(ctx, { ...plan, revision: record.applyFor });
      reports.push(await pass(ctx.ports, target, { ...options, agreement }));
    }
  }
  return reports;
}
