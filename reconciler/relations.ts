import { HELD_BY } from '../planner/referrers.ts';
import { topology } from '../planner/topology.ts';
import { workspaceKey } from '../schemas/workspace.ts';
import type { WorkspaceKey } from '../schemas/name.ts';
import { foldersOf, meant, openNeighbours, type UpstreamUse } from './neighbours.ts';
import type { Ports } from './ports.ts';
import type { PassReport } from './report.ts';
import type { Target } from './target.ts';

/** What the workspaces of one commit have to do with each other. */
export interface Relations {
  /** What others read first. Otherwise as given. */
  readonly ordered: readonly Target[];
  /** What a workspace reads directly, and what reads it. Never a circle: of one, an edge is left out. */
  upstream(target: Target): readonly Target[];
  downstream(target: Target): readonly Target[];
  /** Its key; that of its folder where its workspace file cannot be read. */
  keyOf(target: Target): WorkspaceKey;
  /** References of a workspace to these others, each with the one that is meant. */
  uses(target: Target): readonly (UpstreamUse & { readonly target: Target })[];
}

/** Name of a workspace and environment in the queue. */
export function targetKey({ prefix, env }: Pick<Target, 'prefix' | 'env'>): string {
  return `${prefix}@${env ?? ''}`;
}

/** Reads which of these workspaces, all of one commit, refer to which. What cannot be read refers to nothing. */
export async function relate(ports: Ports, targets: readonly Target[]): Promise<Relations> {
  const [first] = targets;
  if (first === undefined)
    return { ordered: [], upstream: () => [], downstream: () => [], uses: () => [], keyOf: targetKey };
  const neighbours = openNeighbours(ports, foldersOf(first.source, await first.source.resolve(first.revision)));
  const all = await neighbours.all();
  const byKey = new Map(targets.map((target, index) => [targetKey(target), { target, index }]));
  const uses = new Map<string, (UpstreamUse & { readonly target: Target })[]>();
  for (const target of targets) {
    const own = all.find(({ prefix }) => prefix === target.prefix);
    const found: (UpstreamUse & { readonly target: Target })[] = [];
    for (const use of own === undefined ? [] : await neighbours.uses(own, target.env)) {
      const other = meant(all, use.to, target.env);
      const known = other === null ? undefined : byKey.get(`${other.neighbour.prefix}@${other.env ?? ''}`);
      if (known !== undefined) found.push({ ...use, target: known.target });
    }
    uses.set(targetKey(target), found);
  }
  const usesIn = (target: Target) => uses.get(targetKey(target)) ?? [];
  const needs = targets.map(target => [
    ...new Set(usesIn(target).map(use => byKey.get(targetKey(use.target))?.index ?? 0)),
  ]);
  const keyOf = (target: Target) => {
    const own = all.find(({ prefix }) => prefix === target.prefix);
    return own === undefined ? targetKey(target) : workspaceKey(own.name, target.env);
  };
  return { ...ordered(targets, needs), uses: usesIn, keyOf };
}

function ordered(
  targets: readonly Target[],
  needs: readonly (readonly number[])[],
): Pick<Relations, 'ordered' | 'upstream' | 'downstream'> {
  const { order } = topology(needs);
  const position = new Map(order.map((index, place) => [index, place]));
  const up = new Map<string, Target[]>(targets.map(target => [targetKey(target), []]));
  const down = new Map<string, Target[]>(targets.map(target => [targetKey(target), []]));
  needs.forEach((list, index) => {
    for (const needed of list) {
      if ((position.get(needed) ?? 0) >= (position.get(index) ?? 0)) continue;
      const [upper, lower] = [targets[needed] as Target, targets[index] as Target];
      up.get(targetKey(lower))?.push(upper);
      down.get(targetKey(upper))?.push(lower);
    }
  });
  return {
    ordered: order.map(index => targets[index] as Target),
    upstream: target => up.get(targetKey(target)) ?? [],
    downstream: target => down.get(targetKey(target)) ?? [],
  };
}

/** Whether a pass was refused because another workspace still uses what would go: after that one's next run it may be another matter. */
export function waitsForOthers({ status, plan }: PassReport): boolean {
  return status === 'refused' && plan?.findings.some(({ id, level }) => id === HELD_BY && level === 'error') === true;
}

/**
 * One pass over each workspace, upstream first. One that waited for others to let go of something is looked at again
 * after them. The reports come in the order of the given targets.
 */
export async function passAll(
  ports: Ports,
  targets: readonly Target[],
  how: { readonly stop: AbortSignal; readonly work: (target: Target) => Promise<PassReport> },
): Promise<readonly PassReport[]> {
  const relations = await relate(ports, targets);
  const reports = new Map<Target, PassReport>();
  for (const target of relations.ordered) {
    if (how.stop.aborted) break;
    reports.set(target, await how.work(target));
  }
  let hasNews = [...reports.values()].some(({ run }) => run !== null);
  while (hasNews) {
    hasNews = false;
    for (const [target, report] of reports) {
      if (how.stop.aborted || !waitsForOthers(report)) continue;
      const next = await how.work(target);
      reports.set(target, next);
      hasNews ||= next.run !== null;
    }
  }
  return targets.flatMap(target => reports.get(target) ?? []);
}
