import { foresee, type UpstreamValue, type UpstreamValues } from '../planner/foresee.ts';
import { Fault, type Problem } from '../schemas/fault.ts';
import { kindOf, type Name, nameOf, type WorkspaceKey } from '../schemas/name.ts';
import { nearest } from '../schemas/nearest.ts';
import { cycles } from '../schemas/parse/cycles.ts';
import type { Plan } from '../schemas/plan.ts';
import { showPosition } from '../schemas/position.ts';
import { upstreamShown } from '../schemas/upstream.ts';
import type { Loaded } from '../schemas/workspace.ts';
import {
  type Folders,
  meant,
  type Neighbour,
  type Neighbours,
  openNeighbours,
  type UpstreamUse,
  usesOf,
} from './neighbours.ts';
import type { Ports } from './ports.ts';

/** A reference with the workspace that it means. */
export interface ResolvedUse extends UpstreamUse {
  readonly key: WorkspaceKey;
}

/**
 * The references of a workspace to others, each with the workspace it means. A workspace without any reads nothing else.
 * Throws Fault `invalid` with everything that is wrong with them: no such workspace, environment or resource, or a circle.
 */
export async function resolveUses(ports: Ports, loaded: Loaded, folders: Folders): Promise<readonly ResolvedUse[]> {
  const uses = usesOf(loaded);
  if (uses.length === 0) return [];
  const neighbours = openNeighbours(ports, folders);
  const { env } = loaded.workspace;
  const all = await neighbours.all();
  const isPartial = (await neighbours.broken()).length > 0;
  const problems: Problem[] = [];
  const resolved: ResolvedUse[] = [];
  for (const use of uses) {
    const target = meant(all, use.to, env);
    const problem =
      target === null
        ? unknownWorkspace(all, use, { env, isPartial })
        : unknownResource(await neighbours.load(target.neighbour, target.env), use, target.key);
    if (problem !== null) problems.push(problem);
    if (target !== null) resolved.push({ ...use, key: target.key });
  }
  problems.push(...(await circles(neighbours, { key: loaded.workspace.key, uses: resolved })));
  if (problems.length > 0)
    throw new Fault('invalid', problems, { data: { files: loaded.files, warnings: loaded.warnings.length } });
  return resolved;
}

function problemAt({ at }: UpstreamUse, problem: Omit<Problem, 'id' | 'at'>): Problem {
  return { id: 'WS-UPSTREAM', ...(at === undefined ? {} : { at }), ...problem };
}

function unknownWorkspace(
  all: readonly Neighbour[],
  use: UpstreamUse,
  { env, isPartial }: { readonly env: Name | null; readonly isPartial: boolean },
): Problem | null {
  const shown = upstreamShown(use.to);
  const { workspace } = use.to;
  const named = all.find(({ name }) => name === workspace);
  if (named === undefined) {
    if (isPartial) return null;
    const names = all.map(({ name }) => name).toSorted();
    const guess = nearest(workspace, names);
    return problemAt(use, {
      what: `${shown}: the repository has no workspace \`${workspace}\``,
      why: `it has: ${names.join(', ')}`,
      fix: guess === undefined ? 'name one of them' : `did you mean \`${guess}\`?`,
    });
  }
  const known = named.environments.filter(one => one !== null);
  if (known.length === 0)
    return problemAt(use, {
      what: `${shown}: workspace \`${workspace}\` has no environments`,
      fix: `write workspace.${workspace} without @${use.to.env ?? ''}`,
    });
  const asked = use.to.env ?? env;
  const guess = asked === null ? known[0] : (nearest(asked, known) ?? known[0]);
  return problemAt(use, {
    what:
      asked === null
        ? `${shown}: workspace \`${workspace}\` has environments, and none is named`
        : `${shown}: workspace \`${workspace}\` has no environment \`${asked}\``,
    why: `environments: ${known.join(', ')}`,
    fix: `write workspace.${workspace}@${guess ?? ''} if that is meant`,
  });
}

/** What the other workspace does not describe in the same commit will not be there. Where its files are broken, nobody knows. */
function unknownResource(loaded: Loaded | null, use: UpstreamUse, key: WorkspaceKey): Problem | null {
  if (loaded === null) return null;
  const { address } = use.to;
  const { resources } = loaded.workspace;
  if (resources.some(resource => resource.address === address)) return null;
  const kind = kindOf(address);
  const names = resources.filter(resource => resource.kind === kind).map(({ name }) => name);
  const guess = nearest(nameOf(address), names);
  return problemAt(use, {
    what: `${upstreamShown(use.to)}: ${key} declares no ${kind} \`${nameOf(address)}\``,
    why: names.length === 0 ? `it declares no ${kind} at all` : `it declares: ${names.slice(0, 10).join(', ')}`,
    fix: guess === undefined ? `declare it in ${key}, or name one that exists` : `did you mean \`${guess}\`?`,
  });
}

/** Circles that this workspace is part of, with every line that makes them. */
async function circles(
  neighbours: Neighbours,
  own: { readonly key: WorkspaceKey; readonly uses: readonly ResolvedUse[] },
): Promise<readonly Problem[]> {
  const all = await neighbours.all();
  const edges = new Map<WorkspaceKey, readonly ResolvedUse[]>([[own.key, own.uses]]);
  const queue: ResolvedUse[] = [...own.uses];
  for (let use = queue.pop(); use !== undefined; use = queue.pop()) {
    if (edges.has(use.key)) continue;
    const [, env = null] = use.key.split('@');
    const target = meant(all, { ...use.to, env }, env);
    const uses: ResolvedUse[] = [];
    for (const next of target === null ? [] : await neighbours.uses(target.neighbour, target.env)) {
      const found = meant(all, next.to, env);
      if (found !== null) uses.push({ ...next, key: found.key });
    }
    edges.set(use.key, uses);
    queue.push(...uses);
  }
  const needs = new Map([...edges].map(([key, uses]) => [key, [...new Set(uses.map(use => use.key))]]));
  return cycles(needs)
    .filter(cycle => cycle.includes(own.key))
    .map(cycle => circle(cycle, own.key, edges));
}

function circle(
  cycle: readonly WorkspaceKey[],
  own: WorkspaceKey,
  edges: ReadonlyMap<WorkspaceKey, readonly ResolvedUse[]>,
): Problem {
  const from = cycle.indexOf(own);
  const keys = [...cycle.slice(from), ...cycle.slice(0, from)];
  const lines = keys.map((key, index) => edges.get(key)?.find(use => use.key === keys[(index + 1) % keys.length])?.at);
  const [at, ...also] = lines;
  const steps = keys.map((key, index) => {
    const line = lines[index];
    return line === undefined ? key : `${key} (${showPosition(line)})`;
  });
  return {
    id: 'WS-UPSTREAM-CYCLE',
    ...(at === undefined ? {} : { at }),
    also: also.filter(line => line !== undefined),
    what: `workspaces need each other in a circle: ${[...steps, own].join(' -> ')}`,
    why: 'none of them could be applied first',
    fix: 'take one of the references out',
  };
}

/** What is applied together with a workspace, because it is reviewed together: plans by workspace, made so far. */
export interface Together {
  readonly keys: ReadonlySet<WorkspaceKey>;
  readonly plans: ReadonlyMap<WorkspaceKey, Plan | null>;
}

/** What is recorded now of everything that a workspace refers to, or will be once what is applied together is. */
export async function readUpstream(
  ports: Ports,
  { uses, stateRemote }: { readonly uses: readonly ResolvedUse[]; readonly stateRemote: string },
  together?: Together,
): Promise<UpstreamValues> {
  const values = new Map<string, UpstreamValue>();
  const keys = [...new Set(uses.map(({ key }) => key))];
  await Promise.all(
    keys.map(async workspace => {
      const recorded = await ports.openState({ remote: stateRemote, workspace }).read();
      const plan = together?.plans.get(workspace) ?? null;
      for (const { ref, to, key } of uses)
        if (key === workspace) values.set(ref, { workspace, outlook: foresee({ recorded, plan }, to) });
    }),
  );
  return values;
}
