import { downstreamOf, type Reading, type Source } from '../planner/downstream.ts';
import type { WorkspaceKey } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Downstream } from '../schemas/review.ts';
import { discover } from './discover.ts';
import type { Ports } from './ports.ts';
import { relate, type Relations } from './relations.ts';
import type { Target } from './target.ts';
import type { View } from './view.ts';

/** What a workspace reads of others, each by its key. */
export function readingsOf(relations: Relations, target: Target): readonly Reading[] {
  return relations.uses(target).map(use => ({ ...use, upstream: relations.keyOf(use.target) }));
}

/** What one plan does to the workspaces of the same commit that read its outputs. They are not planned themselves. */
export async function previewDownstream(ports: Ports, view: View, plan: Plan): Promise<readonly Downstream[]> {
  if (plan.changes.length === 0) return [];
  const { source, stateRemote } = view.target;
  const at = { commit: view.commit, stateRemote, follow: false };
  const relations = await relate(ports, await discover(source, at, { workspaces: [], env: null }));
  const sources = new Map<WorkspaceKey, Source>([[plan.workspace, { recorded: view.recorded, plan }]]);
  const reached = new Map<WorkspaceKey, Downstream>();
  for (const target of relations.ordered) {
    const hit = downstreamOf(relations.keyOf(target), readingsOf(relations, target), { sources, reached });
    if (hit !== null) reached.set(hit.workspace, hit);
  }
  return [...reached.values()];
}
