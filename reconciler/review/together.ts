import { downstreamOf, type Source } from '../../planner/downstream.ts';
import type { Sha, WorkspaceKey } from '../../schemas/name.ts';
import type { Plan } from '../../schemas/plan.ts';
import type { Downstream, ReviewedPlan } from '../../schemas/review.ts';
import { readingsOf } from '../downstream.ts';
import { relate } from '../relations.ts';
import type { Target } from '../target.ts';
import type { Together } from '../upstream.ts';
import type { ReviewContext } from './context.ts';
import { targetsAt } from './plans.ts';

/** The plans that a pull request is about, and what they do to whoever reads their outputs. Both upstream first. */
export interface Planned {
  readonly plans: readonly ReviewedPlan[];
  readonly downstream: readonly Downstream[];
}

/**
 * Plans every workspace that a commit changes, upstream first, each with the values that those before it will have by
 * then. A workspace whose own files stay, but which reads a value that changes or may, is planned as well: its changes
 * are part of what is agreed to, so that one merge brings all of them.
 */
export async function planTogether(
  ctx: ReviewContext,
  at: { readonly merged: Sha; readonly changed: readonly Target[] },
  planOne: (target: Target, together: Together) => Promise<ReviewedPlan>,
): Promise<Planned> {
  if (at.changed.length === 0) return { plans: [], downstream: [] };
  const relations = await relate(ctx.ports, await targetsAt(ctx, at.merged));
  const changed = new Set(at.changed.map(target => relations.keyOf(target)));
  const plans: ReviewedPlan[] = [];
  const made = new Map<WorkspaceKey, Plan | null>();
  const sources = new Map<WorkspaceKey, Source>();
  const reached = new Map<WorkspaceKey, Downstream>();
  for (const target of relations.ordered) {
    const key = relations.keyOf(target);
    const hit = downstreamOf(key, readingsOf(relations, target), { sources, reached });
    if (hit !== null) reached.set(key, hit);
    const isChanged = changed.has(key);
    if (!isChanged && (hit === null || hit.effect === 'unaffected')) continue;
    const plan = await planOne(target, { keys: changed, plans: made });
    made.set(key, plan.plan);
    if (relations.downstream(target).length > 0) sources.set(key, await sourceOf(ctx, plan));
    if (isChanged || hasNews(plan)) plans.push(plan);
  }
  return { plans, downstream: [...reached.values()] };
}

/** What a workspace says although its files stay: changes, or why there can be none. */
function hasNews({ plan }: ReviewedPlan): boolean {
  return plan === null || plan.changes.length > 0 || plan.findings.some(({ level }) => level === 'error');
}

async function sourceOf(ctx: ReviewContext, { workspace, plan }: ReviewedPlan): Promise<Source> {
  const recorded = await ctx.ports.openState({ remote: ctx.stateRemote, workspace }).read();
  return { recorded, plan };
}
