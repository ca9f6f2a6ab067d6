import type { WorkspaceState } from '../schemas/state.ts';
import type { Ports } from '../reconciler/ports.ts';
import { loadTarget } from '../reconciler/view.ts';
import type { Loaded } from '../schemas/workspace.ts';
import type { Target } from '../reconciler/target.ts';
import { type TargetFlags, targetOf } from './target.ts';

/** The state chain of the workspace that the flags name, without asking any cloud. */
export async function stateOf(
  ports: Ports,
  flags: TargetFlags,
): Promise<{ readonly store: WorkspaceState; readonly loaded: Loaded; readonly target: Target }> {
  const target = await targetOf(ports, flags);
  const { loaded } = await loadTarget(ports, target);
  return { store: ports.openState({ remote: target.stateRemote, workspace: loaded.workspace.key }), loaded, target };
}
