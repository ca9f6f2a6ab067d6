import { holdWorkspace } from '../reconciler/hold.ts';
import type { Ports } from '../reconciler/ports.ts';
import { loadTarget } from '../reconciler/view.ts';
import type { Signals } from '../reconciler/apply.ts';
import type { WorkspaceKey } from '../schemas/name.ts';
import { type TargetFlags, targetOf } from './target.ts';

export interface HoldAnswer {
  readonly workspace: WorkspaceKey;
  readonly held: boolean;
  readonly by: string;
  readonly why: string;
}

/** Sets or ends the hold of the workspace that the flags name. */
export async function setHold(
  ports: Ports,
  flags: TargetFlags,
  wish: { readonly by: string; readonly why: string; readonly held: boolean; readonly signals: Signals },
): Promise<HoldAnswer> {
  const target = await targetOf(ports, flags);
  const { loaded } = await loadTarget(ports, target);
  const workspace = loaded.workspace.key;
  const { by, why, held } = wish;
  await holdWorkspace(
    ports,
    { stateRemote: target.stateRemote, workspace },
    { by, why, held, stop: wish.signals.stop },
  );
  return { workspace, held, by, why };
}
