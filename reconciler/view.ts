import type { WorkspaceState } from '../schemas/state.ts';
import { consider } from '../planner/plan.ts';
import type { PlanInput } from '../planner/input.ts';
import type { Referrer } from '../planner/referrers.ts';
import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import type { Sha } from '../schemas/name.ts';
import type { Plan, PlanOptions } from '../schemas/plan.ts';
import type { Catalogue, Observations } from '../schemas/provider.ts';
import type { Loaded, Workspace } from '../schemas/workspace.ts';
import { foldersOf } from './neighbours.ts';
import type { Ports } from './ports.ts';
import { findReferrers, goingIn } from './referrers.ts';
import { type RunSecrets, runSecrets } from './secrets.ts';
import { type Session, type Trust, observe, openSession, readCatalogues } from './session.ts';
import type { Target } from './target.ts';
import { readUpstream, type ResolvedUse, resolveUses, type Together } from './upstream.ts';

/** Desired, recorded and observed state of one workspace at one moment. Getting it changes nothing anywhere. */
export interface View {
  readonly target: Target;
  readonly commit: Sha;
  /** Git tree of the workspace folder in that commit. */
  readonly tree: Sha;
  readonly loaded: Loaded;
  readonly workspace: Workspace;
  readonly store: WorkspaceState;
  readonly recorded: Recorded;
  readonly session: Session;
  /** What a run opens for the calls that need it; a plan never does. */
  readonly secrets: RunSecrets;
  readonly observations: Observations;
  /** What the files refer to in other workspaces of the repository. */
  readonly uses: readonly ResolvedUse[];
}

export const PLAIN_OPTIONS: PlanOptions = { targets: [], excludes: [], destroy: false, allowDeletes: null };

/** Reads the workspace files of the target's commit. Throws Fault `invalid` with every problem, `unavailable` when Git does not answer. */
export async function loadTarget(
  ports: Ports,
  target: Target,
): Promise<{ commit: Sha; tree: Sha; loaded: Loaded; uses: readonly ResolvedUse[]; files: Files }> {
  await ports.world.reach('fetch.before');
  const commit = await target.source.resolve(target.revision);
  const snapshot = await target.source.snapshot(commit, target.prefix);
  await ports.world.reach('fetch.after');
  const loaded = await ports.load({
    files: snapshot.files,
    prefix: target.prefix,
    env: target.env,
    drivers: ports.providers,
  });
  await ports.world.reach('parse.after');
  const uses = await resolveUses(ports, loaded, foldersOf(target.source, commit));
  return { commit, tree: snapshot.tree, loaded, uses, files: snapshot.files };
}

type Files = ReadonlyMap<string, Uint8Array>;

/** Looks at everything once: files, record, and those clouds that are trusted (all of them unless told). */
export async function look(ports: Ports, target: Target, signal: AbortSignal, trust?: Trust): Promise<View> {
  const { commit, tree, loaded, uses, files } = await loadTarget(ports, target);
  const workspace = loaded.workspace;
  const store = ports.openState({ remote: target.stateRemote, workspace: workspace.key });
  const recorded = await store.read();
  await ports.world.reach('observe.before');
  const trusted = trust === undefined ? {} : { trust };
  const secrets = runSecrets(ports, { files, workspace: workspace.key, commit });
  const session = await openSession(ports, { workspace, recorded, secrets, ...trusted }, signal);
  const observations = await observe(session, { workspace, recorded }, signal);
  await ports.world.reach('observe.after');
  return { target, commit, tree, loaded, workspace, store, recorded, session, secrets, observations, uses };
}

/** A plan with what it was made with. */
export interface Planned {
  readonly plan: Plan;
  readonly catalogues: { readonly [provider: string]: Catalogue };
  /** Records that lag behind what was changed outside and is in the files by now. */
  readonly followed: readonly RecordedObject[];
}

/**
 * The plan for a view. The catalogues are asked for only when something would change, and who refers to it only when
 * something would go, so that a converged pass costs listings alone.
 */
export async function planView(
  ports: Ports,
  view: View,
  options: PlanOptions,
  signal: AbortSignal,
  together?: Together,
): Promise<Planned> {
  const upstream = await readUpstream(ports, { uses: view.uses, stateRemote: view.target.stateRemote }, together);
  const input = (catalogues: PlanInput['catalogues'], referrers: readonly Referrer[] = []): PlanInput => ({
    loaded: view.loaded,
    commit: view.commit,
    tree: view.tree,
    recorded: view.recorded,
    observations: view.observations,
    capability: view.session.capability,
    steps: view.session.steps,
    catalogues,
    options,
    tool: ports.tool,
    upstream,
    referrers,
  });
  let catalogues: PlanInput['catalogues'] = {};
  let { plan, followed } = consider(input(catalogues));
  if (plan.changes.length > 0) {
    catalogues = await readCatalogues(view.session, signal);
    const referrers = await findReferrers(ports, view, { going: goingIn(plan), together });
    ({ plan, followed } = consider(input(catalogues, referrers)));
  }
  await ports.world.reach('plan.after');
  return { plan, catalogues, followed };
}
