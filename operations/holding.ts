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

/**
 * Sets or ends the hold of a workspace. A run in progress elsewhere holds the chain, so the wish is first put beside
 * the chain, where its writer looks between two changes; the chain records it as soon as it is free.
 */
export async function setHold(
  ports: Ports,
  flags: TargetFlags,
  wish: { readonly by: string; readonly why: string; readonly held: boolean; readonly signals: Signals },
): Promise<HoldAnswer> {
  const { loaded } = await loadTarget(ports, await targetOf(ports, flags));
  const workspace = loaded.workspace.key;
  const target = await targetOf(ports, flags);
  const store = ports.openState({ remote: target.stateRemote, workspace });
  await store.requestHold(wish.held);
  const writer = await store.take(ports.holder, { waitMs: 120_000, signal: wish.signals.stop });
  try {
    const at = ports.world.clock.now();
    const { by, why } = wish;
    await writer.pushed(await writer.append([wish.held ? { step: 'hold', by, why, at } : { step: 'unhold', by, at }]));
  } finally {
    await writer.close({ release: true });
    await store.requestHold(false);
  }
  return { workspace, held: wish.held, by: wish.by, why: wish.why };
}
