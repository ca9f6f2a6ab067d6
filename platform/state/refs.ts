import type { WorkspaceKey } from '../../schemas/name.ts';

/** Names of everything the chain of one workspace has on the remote. */
export interface ChainRefs {
  readonly state: string;
  readonly lease: string;
  readonly hold: string;
  /** Branch of the commits up to a sequence that were moved aside; `*` for all of them. */
  history(sequence: number | '*'): string;
}

export function chainRefs(workspace: WorkspaceKey): ChainRefs {
  return {
    state: `refs/heads/provisioning/state/${workspace}`,
    lease: `refs/provisioning/lease/${workspace}`,
    hold: `refs/provisioning/hold/${workspace}`,
    history: sequence => `refs/heads/provisioning/history/${workspace}/${sequence}`,
  };
}
