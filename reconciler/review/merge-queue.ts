import type { Check } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ReviewedPlan } from '../../schemas/review.ts';
import type { ReviewContext } from './context.ts';
import { PLAN_CHECK } from './marks.ts';
import { affected, governing, planTarget } from './plans.ts';
import { planTogether } from './together.ts';

/**
 * Marks the commits that a merge queue of the host proposes, so that a required check lets them pass or stops them. They
 * hold several pull requests at once: files that cannot be planned together are found out here, before they are merged.
 * Whether each was agreed to is still asked when it is applied.
 */
export async function markQueue(ctx: ReviewContext): Promise<void> {
  const prefix = `gh-readonly-queue/${ctx.branch}/`;
  const queued = [...(await ctx.source.branches())].filter(([branch]) => branch.startsWith(prefix));
  const base = queued.length === 0 ? null : await ctx.source.head(ctx.branch);
  if (base === null) return;
  await ctx.source.fetch();
  for (const [, sha] of queued) {
    const known = (await ctx.forge.checks(sha)).find(check => check.name === PLAN_CHECK);
    if (known !== undefined && known.state !== 'running') continue;
    await ctx.forge.check(await checkOf(ctx, { base, sha }));
  }
}

async function checkOf(ctx: ReviewContext, { base, sha }: { readonly base: Sha; readonly sha: Sha }): Promise<Check> {
  const changed = await affected(ctx, { base, merged: sha });
  const { plans } = await planTogether(ctx, { merged: sha, changed }, async (target, together) => {
    const { trust } = await governing(ctx, base, target);
    return planTarget(ctx, target, { trust, isFork: false, isFull: false, record: null, together });
  });
  const problems = plans.flatMap(problemsOf);
  const changes = plans.reduce((sum, { plan }) => sum + (plan?.changes.length ?? 0), 0);
  return {
    name: PLAN_CHECK,
    sha,
    state: problems.length > 0 ? 'failure' : changes === 0 ? 'neutral' : 'success',
    title: problems[0] ?? (changes === 0 ? 'nothing to change' : `${changes} changes in ${plans.length} workspaces`),
    summary: problems.map(text => `- ${text}`).join('\n'),
    text: '',
    annotations: [],
    url: null,
  };
}

function problemsOf({ workspace, plan, fault }: ReviewedPlan): readonly string[] {
  if (plan === null) return (fault?.problems ?? []).map(problem => `${workspace}: ${problem.what}`);
  return plan.findings.filter(({ level }) => level === 'error').map(({ what }) => `${workspace}: ${what}`);
}
