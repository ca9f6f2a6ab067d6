import type { Referrer } from '../planner/referrers.ts';
import type { Recorded } from '../schemas/checkpoint.ts';
import { canonical, type Json } from '../schemas/json.ts';
import type { Address, Sha, WorkspaceKey } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import { workspaceKey } from '../schemas/workspace.ts';
import { foldersOf, meant, openNeighbours, type UpstreamUse } from './neighbours.ts';
import type { Ports } from './ports.ts';
import type { Target } from './target.ts';
import type { Together } from './upstream.ts';

/** Addresses whose object goes with a plan. What is left over from a replacement is nobody's any more. */
export function goingIn({ changes }: Plan): ReadonlySet<Address> {
  const going = changes.filter(({ key, action }) => (action === 'delete' || action === 'forget') && !key.includes('#'));
  return new Set(going.map(({ address }) => address));
}

/** The workspace whose objects go, and the moment at which it is looked at. */
export interface Viewpoint {
  readonly target: Target;
  readonly commit: Sha;
  readonly recorded: Recorded;
  readonly workspace: { readonly key: WorkspaceKey };
}

interface Found extends UpstreamUse {
  readonly workspace: WorkspaceKey;
}

/**
 * Who refers to what a plan takes away: by its files in the planned commit, or by the objects that were made when its
 * files still did. The latter is looked for at the commit that this workspace was applied at last.
 */
export async function findReferrers(
  ports: Ports,
  view: Viewpoint,
  { going, together }: { readonly going: ReadonlySet<Address>; readonly together: Together | undefined },
): Promise<readonly Referrer[]> {
  if (going.size === 0) return [];
  const desired = await usersAt(ports, view, { commit: view.commit, going });
  const applied = view.recorded.run?.commit ?? view.commit;
  const isPast =
    applied !== view.commit && (await view.target.source.isAncestor({ older: applied, newer: view.commit }));
  const names = new Set(desired.map(nameOf));
  const former = isPast ? await usersAt(ports, view, { commit: applied, going }) : [];
  const past = former.filter(use => !names.has(nameOf(use)));
  const records = await recordsOf(ports, view, [...desired, ...past]);
  const referrer = (use: Found, isDesired: boolean): Referrer => {
    const record = records.get(use.workspace);
    const { workspace, by, at } = use;
    return {
      workspace,
      by,
      address: use.to.address,
      output: use.to.output,
      ...(at === undefined || !isDesired ? {} : { at }),
      isDesired,
      isRecorded: record !== undefined && holds(record, use, isDesired ? undefined : valueOf(view.recorded, use)),
      isTogether: together?.keys.has(workspace) === true,
    };
  };
  return [
    ...desired.map(use => referrer(use, true)),
    ...past.map(use => referrer(use, false)).filter(({ isRecorded }) => isRecorded),
  ];
}

function nameOf({ workspace, by, ref }: Found): string {
  return `${workspace} ${by} ${ref}`;
}

/** References of all other workspaces of a commit to what goes here. */
async function usersAt(
  ports: Ports,
  view: Viewpoint,
  { commit, going }: { readonly commit: Sha; readonly going: ReadonlySet<Address> },
): Promise<readonly Found[]> {
  const neighbours = openNeighbours(ports, foldersOf(view.target.source, commit));
  const all = await neighbours.all();
  const found: Found[] = [];
  for (const neighbour of all) {
    for (const env of neighbour.environments) {
      for (const use of await neighbours.uses(neighbour, env)) {
        if (!going.has(use.to.address) || meant(all, use.to, env)?.key !== view.workspace.key) continue;
        found.push({ ...use, workspace: workspaceKey(neighbour.name, env) });
      }
    }
  }
  return found;
}

async function recordsOf(
  ports: Ports,
  { target }: Viewpoint,
  uses: readonly Found[],
): Promise<ReadonlyMap<WorkspaceKey, Recorded>> {
  const keys = [...new Set(uses.map(({ workspace }) => workspace))];
  const states = await Promise.all(
    keys.map(workspace => ports.openState({ remote: target.stateRemote, workspace }).read()),
  );
  return new Map(keys.map((key, index) => [key, states[index] as Recorded]));
}

function valueOf(own: Recorded, { to }: Found): Json | undefined {
  const object = own.objects.get(to.address);
  return object?.outputs[to.output] ?? object?.spec[to.output] ?? (to.output === 'id' ? object?.id : undefined);
}

/** Whether the object that referred to it is recorded; with a value: and was made with that value. */
function holds({ objects }: Recorded, { by }: Found, value: Json | undefined): boolean {
  const object = objects.get(by);
  if (object === undefined || value === undefined) return object !== undefined;
  const text = typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : canonical(value);
  return canonical(object.spec).includes(text);
}
