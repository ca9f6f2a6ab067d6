import type { ReviewedPlan, ReviewRecord, ReviewView, RunView } from '../../schemas/review.ts';
import type { ReviewContext, Scene } from './context.ts';
import { judge, type Question, type Verdict } from './judge.ts';
import type { Outcome } from './outcome.ts';
import { governing, riskOf, targetIn } from './plans.ts';
import { hear } from './words.ts';

/** The verdict over all workspaces: the strictest of them. Null where nobody has to agree. */
async function verdictOf(
  ctx: ReviewContext,
  { pull, record, remarks }: Scene,
): Promise<{ verdict: Verdict; means: Question['rules']['approve'] } | null> {
  const words = await hear(ctx, pull, remarks);
  let strictest: { verdict: Verdict; means: Question['rules']['approve'] } | null = null;
  for (const one of record.plans) {
    const { review, rules } = await governing(ctx, record.base, targetIn(ctx, { ...one, revision: record.base }));
    if (review === 'none') continue;
    const { head, shownAt, isAfterMerge, plans } = record;
    const isCut = plans.some(plan => plan.isCut);
    const verdict = judge({ rules, pull, head, shownAt, isAfterMerge, isCut, risk: riskOf(plans) }, words);
    const missing = verdict.needed - verdict.given.length;
    if (strictest === null || missing > strictest.verdict.needed - strictest.verdict.given.length)
      strictest = { verdict, means: rules.approve };
  }
  return strictest;
}

/** Everything the comment says now. `outcomes`: what became of each plan after the merge; null before. */
export async function viewOf(
  ctx: ReviewContext,
  scene: Scene,
  outcomes: readonly Outcome[] | null,
): Promise<ReviewView> {
  const { pull, record } = scene;
  const found = record.plans.length === 0 ? null : await verdictOf(ctx, scene);
  const held = await heldBy(ctx, record.plans);
  const verdict = found?.verdict ?? { isEnough: true, needed: 0, given: [], rejected: [] };
  const stage = stageOf(scene, outcomes, verdict);
  return {
    pull: pull.number,
    head: record.head,
    base: { branch: ctx.branch, sha: record.base },
    stage,
    workspaces: record.plans.map((plan, index) => ({ ...plan, run: runOf(record, plan, outcomes?.[index]) })),
    ...(record.downstream === undefined ? {} : { downstream: record.downstream }),
    ...(record.orphaned === undefined ? {} : { orphaned: record.orphaned }),
    risk: riskOf(record.plans),
    approval: {
      needed: verdict.needed,
      given: verdict.given,
      means: record.isAfterMerge ? 'comment' : (found?.means ?? 'review'),
      rejected: verdict.rejected,
    },
    behind: [...new Set(outcomes?.flatMap(outcome => outcome.behind))].sort((a, b) => a - b),
    held,
    answers: record.answers,
    next: nextOf(stage, verdict, { scene, held, means: found?.means ?? null }),
  };
}

/** What a later run left of it is no news: the report of the run that applied it stays. */
function runOf({ runs = [] }: ReviewRecord, { workspace }: ReviewedPlan, outcome: Outcome | undefined): RunView | null {
  if (outcome === undefined || outcome.run !== null || outcome.status !== 'applied') return outcome?.run ?? null;
  return runs.find(known => known.workspace === workspace)?.run ?? null;
}

function stageOf(
  { pull, record }: Scene,
  outcomes: readonly Outcome[] | null,
  { isEnough }: Verdict,
): ReviewView['stage'] {
  if (pull.state === 'closed') return 'closed';
  if (pull.state === 'open') return record.merged === null ? 'conflict' : 'planned';
  const all = (outcomes ?? []).map(({ status }) => status);
  for (const status of ['applying', 'waiting', 'failed'] as const) if (all.includes(status)) return status;
  if (!all.includes('queued')) return 'applied';
  return isEnough ? 'queued' : 'waiting';
}

async function heldBy(ctx: ReviewContext, plans: readonly ReviewedPlan[]): Promise<string | null> {
  for (const { workspace } of plans) {
    const { hold } = await ctx.ports.openState({ remote: ctx.stateRemote, workspace }).read();
    if (hold !== null) return `${workspace} is on hold by ${hold.by}: ${hold.why}`;
  }
  return null;
}

interface Around {
  readonly scene: Scene;
  readonly held: string | null;
  readonly means: Question['rules']['approve'] | null;
}

const APPROVE_TEXTS = {
  review: ['approve it with a review', null],
  comment: ['approve it with a comment', '/provisioning approve'],
  label: ['approve it with the label', null],
  merge: ['merge it: that is the approval', null],
} as const;

function nextOf(stage: ReviewView['stage'], verdict: Verdict, { scene, held, means }: Around): ReviewView['next'] {
  const { record } = scene;
  if (held !== null) return { text: 'end the hold', command: '/provisioning resume' };
  if (stage === 'conflict') return { text: 'merge or rebase the base branch into this one, and push', command: null };
  if (stage === 'failed')
    return record.plans.some(({ plan }) => plan === null)
      ? { text: 'mend the files with another pull request', command: null }
      : { text: 'mend the cause with another pull request, or take this run back', command: '/provisioning rollback' };
  if (stage === 'waiting' && record.isAfterMerge)
    return { text: 'look at the plan of now: somebody has to agree to it', command: '/provisioning apply' };
  if (stage === 'waiting') {
    const [text, command] = APPROVE_TEXTS[means ?? 'review'];
    return { text, command };
  }
  if (stage !== 'planned') return { text: '', command: null };
  if (record.plans.some(({ plan }) => plan === null || plan.findings.some(finding => finding.level === 'error')))
    return { text: 'mend what is marked as an error, and push', command: null };
  if (record.orphaned !== undefined && record.orphaned.length > 0)
    return { text: 'destroy first what would stay behind, or leave its files in place', command: null };
  if (verdict.isEnough || means === null || means === 'merge')
    return { text: 'merge it: then exactly this is applied', command: null };
  const [text, command] = APPROVE_TEXTS[means];
  return { text, command };
}
