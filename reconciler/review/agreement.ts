import { comparePlans } from '../../planner/compare.ts';
import { asksForSame } from '../../planner/upstream.ts';
import type { Problem } from '../../schemas/fault.ts';
import type { Pull } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Plan } from '../../schemas/plan.ts';
import type { ReviewedPlan, ReviewRecord } from '../../schemas/review.ts';
import type { Gate } from '../gate.ts';
import type { Agreement } from '../pass.ts';
import { PLAIN_OPTIONS, type View } from '../view.ts';
import type { ReviewContext } from './context.ts';
import { judge } from './judge.ts';
import { governing, planOptions, riskOf } from './plans.ts';
import { hear } from './words.ts';

/**
 * The word of the Git host about a commit of the base branch. It is agreed to when it is what a pull request became
 * whose plan was shown, whose plan asks for the same changes as the plan of now, and which was approved by the rules of
 * the base branch: those from before the merge, and those the reviewer saw.
 */
export function agreementOf(ctx: ReviewContext): Agreement {
  return {
    async options(view) {
      const run = view.recorded.run;
      // What was left out is pending again as soon as the rest is applied.
      if (run?.commit === view.commit && run.outcome === 'done') return PLAIN_OPTIONS;
      const found = await reviewedAs(ctx, view.commit);
      return found === null ? PLAIN_OPTIONS : planOptions(found.record, view);
    },
    gate: (view, plan) => gateOf(ctx, view, plan),
    follows: (applied, head) => follows(ctx, applied, head),
  };
}

/** The same for an open pull request that is applied before its merge: its head is what is applied. */
export function agreementBefore(ctx: ReviewContext, found: Reviewed): Agreement {
  return {
    options: view => Promise.resolve(planOptions(found.record, view)),
    async gate(view, plan) {
      const { review, rules } = await governing(ctx, found.record.base, view.target);
      const shown = found.record.plans.find(one => one.workspace === plan.workspace && one.env === view.target.env);
      const unlike = differencesOf(shown, plan);
      if (unlike.length > 0)
        return closed('RV-STALE', `the plan changed: ${unlike.slice(0, 5).join('; ')}`, {
          fix: `look at the plan of now on #${found.pull.number}, and give \`/provisioning apply\` there again`,
        });
      return review === 'none' ? { open: true, approvedBy: null } : verdictOf(ctx, found, [rules]);
    },
    follows: () => Promise.resolve(false),
  };
}

/** A pull request with what was shown on it. */
export interface Reviewed {
  readonly pull: Pull;
  readonly record: ReviewRecord;
}

/** How far back it is looked whether a commit that was applied before its merge has become one of the branch. */
const FOLLOWS_COMMITS = 50;

/** Whether a commit that was applied before its merge is what one of the newest commits of the branch came from. */
async function follows(ctx: ReviewContext, applied: Sha, head: Sha): Promise<boolean> {
  const line = (await ctx.git.line({ older: null, newer: head })) ?? [];
  for (const commit of line.slice(-FOLLOWS_COMMITS).reverse()) {
    const found = await reviewedAs(ctx, commit);
    if (found?.record.applyFor === applied && found.pull.head.sha === applied) return true;
  }
  return false;
}

/** The pull request that became this commit, with what was shown on it. */
export async function reviewedAs(ctx: ReviewContext, commit: Sha): Promise<Reviewed | null> {
  for (const pull of await ctx.forge.pullsOf(commit)) {
    if (pull.base.branch !== ctx.branch || pull.mergeCommit !== commit) continue;
    const stored = await ctx.store.read(pull.number);
    if (stored !== null) return { pull, record: stored.record };
  }
  return null;
}

async function gateOf(ctx: ReviewContext, view: View, plan: Plan): Promise<Gate> {
  const parent = await ctx.git.parent(view.commit);
  const before = parent === null ? null : await governing(ctx, parent, view.target);
  const found = await reviewedAs(ctx, view.commit);
  if (found === null) {
    // Both as it was before and as it is now: whoever asks for review from now on means this commit as well.
    const own = view.workspace.settings.review;
    if (own === 'none' && (before?.review ?? own) === 'none') return { open: true, approvedBy: null };
    return closed('RV-UNREVIEWED', `commit ${view.commit.slice(0, 12)} was not reviewed on a pull request`, {
      why: 'it was pushed to the branch directly, or merged before its plan was shown',
      fix: approveText(plan),
    });
  }
  const seen = await governing(ctx, found.record.base, view.target);
  const sets = [seen, ...(before === null ? [] : [before])];
  const required = sets.filter(({ review }) => review === 'required');
  if (required.length === 0) return { open: true, approvedBy: null };
  const shown = found.record.plans.find(one => one.workspace === plan.workspace && one.env === view.target.env);
  const unlike = differencesOf(shown, plan);
  if (unlike.length > 0) {
    const what = `the plan is not the one that was reviewed on #${found.pull.number}: ${unlike.slice(0, 5).join('; ')}`;
    return closed('RV-STALE', what, { fix: nextFor(view, plan, { found, shown }) });
  }
  return verdictOf(
    ctx,
    found,
    required.map(({ rules }) => rules),
  );
}

/**
 * Who has to say what. The pull request shows the plan of now only for a workspace that it planned, and only until that
 * was applied for it. A workspace that merely reads what another one became, or that drifted since, is shown nowhere
 * there: its plan is agreed to by its digest.
 */
function nextFor(
  { recorded, commit }: View,
  plan: Plan,
  { found, shown }: { readonly found: Reviewed; readonly shown: ReviewedPlan | undefined },
): string {
  if (shown === undefined || recorded.run?.commit === commit) return approveText(plan);
  if (shown.plan === null) return 'mend the files with another pull request';
  return `answer \`/provisioning apply\` on #${found.pull.number} once the plan of now is shown there`;
}

function approveText({ workspace, digest }: Plan): string {
  return `look at \`provisioning plan\` of ${workspace}, then run \`provisioning approve ${digest.slice(0, 12)}\``;
}

async function verdictOf(
  ctx: ReviewContext,
  { pull, record }: Reviewed,
  rules: readonly Parameters<typeof judge>[0]['rules'][],
): Promise<Gate> {
  const words = await hear(ctx, pull, await ctx.forge.remarks(pull.number));
  const { head, shownAt, isAfterMerge, plans } = record;
  const question = {
    pull,
    head,
    shownAt,
    isAfterMerge,
    risk: riskOf(plans),
    isCut: plans.some(({ isCut }) => isCut),
  };
  const verdicts = rules.map(one => judge({ ...question, rules: one }, words));
  const refusing = verdicts.find(({ isEnough }) => !isEnough);
  if (refusing !== undefined) {
    const { given, needed, rejected } = refusing;
    const what = `#${pull.number} has ${given.length} of ${needed} approvals${rejected.length > 0 ? ` (${rejected.join('; ')})` : ''}`;
    return closed('RV-UNAPPROVED', what, {
      fix: isAfterMerge ? `answer \`/provisioning apply\` on #${pull.number}` : `approve #${pull.number}`,
    });
  }
  const by = verdicts[0]?.given.map(approval => approval.by).join(', ') ?? '';
  return { open: true, approvedBy: `${by} on #${pull.number}` };
}

/** Why the plan of now is not covered by the one that was shown, in sentences without a full stop; empty when it is. */
export function differencesOf(shown: ReviewedPlan | undefined, plan: Plan): readonly string[] {
  if (shown?.plan == null) return [`${plan.workspace} was not planned there`];
  if (asksForSame(shown.plan, plan)) return [];
  const changes = comparePlans(shown.plan, plan).filter(({ what }) => what === 'change');
  return changes.length > 0 ? changes.map(({ text }) => text) : ['the changes differ'];
}

function closed(id: string, what: string, more: Omit<Problem, 'id' | 'what'>): Gate {
  return { open: false, because: 'unapproved', problems: [{ id, what, ...more }] };
}
