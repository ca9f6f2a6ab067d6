import { asFault, Fault, faultJson } from '../../schemas/fault.ts';
import { sameJson } from '../../schemas/json.ts';
import { Name, type Sha } from '../../schemas/name.ts';
import { type PlanOptions, type Risk, RISKS } from '../../schemas/plan.ts';
import type { PullRules, ReviewedPlan, ReviewRecord } from '../../schemas/review.ts';
import type { Settings } from '../../schemas/workspace.ts';
import { discover } from '../discover.ts';
import { faultRecord } from '../report.ts';
import type { Trust } from '../session.ts';
import type { Target } from '../target.ts';
import type { Together } from '../upstream.ts';
import { loadTarget, look, PLAIN_OPTIONS, planView, type View } from '../view.ts';
import type { ReviewContext } from './context.ts';

/** What the base branch says about a workspace: what a pull request writes about itself does not count. */
export interface Governing {
  readonly review: Settings['review'];
  readonly rules: PullRules;
  readonly trust: Trust;
}

const NOTHING: Governing = {
  review: 'required',
  rules: {
    approve: 'review',
    label: 'provisioning/approved',
    approvals: 1,
    destroyApprovals: 1,
    approvers: [],
    apply: 'on-merge',
    revert: false,
  },
  trust: () => false,
};

/** The settings of a workspace folder in a commit of the base branch; the strictest defaults where it is not there or cannot be read. */
export async function governing(ctx: ReviewContext, base: Sha, target: Target): Promise<Governing> {
  if ((await ctx.git.tree(base, target.prefix)) === null) return NOTHING;
  try {
    const { loaded } = await loadTarget(ctx.ports, { ...target, revision: base });
    const { settings, providers } = loaded.workspace;
    const trust: Trust = (name, entry) => {
      const known = providers[name];
      return known !== undefined && entry !== undefined && sameJson(known, entry);
    };
    return { review: settings.review, rules: settings.pullRequests, trust };
  } catch (error) {
    if (asFault(error).code === 'unavailable') throw error;
    return NOTHING;
  }
}

/** The rules for each workspace that was shown, as the base branch had them then. */
export async function governingOf(ctx: ReviewContext, record: ReviewRecord): Promise<readonly PullRules[]> {
  const found: PullRules[] = [];
  for (const { folder, env } of record.plans) {
    const target = targetIn(ctx, { folder, env, revision: record.base });
    const { review, rules } = await governing(ctx, record.base, target);
    if (review === 'required') found.push(rules);
  }
  return found;
}

/** A workspace of one commit, as reviews name it. */
export function targetIn(
  ctx: ReviewContext,
  where: { readonly folder: string; readonly env: string | null; readonly revision: Sha },
): Target {
  const { folder, env, revision } = where;
  return { source: ctx.source, stateRemote: ctx.stateRemote, prefix: folder, env, revision, follow: false };
}

/** Every workspace of a commit that is looked after; none where it holds none. */
export async function targetsAt(ctx: ReviewContext, commit: Sha): Promise<readonly Target[]> {
  try {
    return await discover(ctx.source, { commit, stateRemote: ctx.stateRemote, follow: false }, ctx.selection);
  } catch (error) {
    if (asFault(error).code !== 'usage') throw error;
    return [];
  }
}

/** Workspaces of the merged files whose folder the pull request changes. */
export async function affected(
  ctx: ReviewContext,
  commits: { readonly base: Sha; readonly merged: Sha },
): Promise<readonly Target[]> {
  const changed: Target[] = [];
  for (const target of await targetsAt(ctx, commits.merged)) {
    const [before, after] = await Promise.all([
      ctx.git.tree(commits.base, target.prefix),
      ctx.git.tree(commits.merged, target.prefix),
    ]);
    if (before !== after) changed.push(target);
  }
  return changed;
}

/** What of a review restricts or widens its plans. */
export type Restrictions = Pick<ReviewRecord, 'excludes' | 'allowDeletes'>;

/**
 * How a plan of a pull request is restricted or widened: by commands on it. Each workspace takes out what it knows: an
 * address may be another one's, and what a later commit took away need not be left out any more.
 */
export function planOptions(record: Restrictions, { loaded, recorded }: View): PlanOptions {
  const known = new Set(loaded.workspace.resources.map(({ address }) => address));
  for (const { address } of recorded.objects.values()) known.add(address);
  const excludes = record.excludes.filter(address => known.has(address));
  return { ...PLAIN_OPTIONS, excludes, allowDeletes: record.allowDeletes };
}

/**
 * The plan of one workspace as it would be after the merge. Accounts are used only as the base branch describes them,
 * and for a fork not at all, unless somebody with write access asked for this very commit (`isFull`).
 */
export async function planTarget(
  ctx: ReviewContext,
  target: Target,
  how: {
    readonly trust: Trust;
    readonly isFork: boolean;
    readonly isFull: boolean;
    readonly record: Restrictions | null;
    readonly together?: Together;
  },
): Promise<ReviewedPlan> {
  const place = { folder: target.prefix, env: target.env };
  const trusted: Trust = how.isFull ? () => true : how.isFork ? () => false : how.trust;
  const isFull = how.isFull || !how.isFork;
  try {
    const view = await look(ctx.ports, target, ctx.signals.abort, trusted);
    const options = how.record === null ? PLAIN_OPTIONS : planOptions(how.record, view);
    const { plan } = await planView(ctx.ports, view, options, ctx.signals.abort, how.together);
    return { ...place, workspace: view.workspace.key, plan, fault: null, isFull, isCut: false, differences: [] };
  } catch (error) {
    const fault = error instanceof Fault ? error : asFault(error);
    // What does not answer now says nothing about the files: the next round tries again.
    if (fault.code === 'unavailable' || fault.code === 'locked') throw fault;
    const name = Name.safeParse(target.prefix.split('/').at(-1)).data ?? 'workspace';
    const workspace = target.env === null ? name : `${name}@${target.env}`;
    return {
      ...place,
      workspace,
      plan: null,
      fault: faultRecord(faultJson(fault)),
      isFull,
      isCut: false,
      differences: [],
    };
  }
}

/** Highest risk of all plans. */
export function riskOf(plans: readonly ReviewedPlan[]): Risk {
  const worst = Math.max(0, ...plans.map(({ plan }) => RISKS.indexOf(plan?.risk ?? 'none')));
  return RISKS[worst] ?? 'none';
}

/** Whether two sets of plans ask for the same changes of the same workspaces. */
export function samePlans(left: readonly ReviewedPlan[], right: readonly ReviewedPlan[]): boolean {
  const marks = (plans: readonly ReviewedPlan[]): string[] =>
    plans
      .map(
        ({ workspace, plan, fault, isFull }) =>
          `${workspace} ${plan?.changesDigest ?? fault?.problems[0]?.what} ${isFull}`,
      )
      .sort();
  return sameJson(marks(left), marks(right));
}
