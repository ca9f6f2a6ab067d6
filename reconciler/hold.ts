import type { WorkspaceKey } from '../schemas/name.ts';
import type { Ports } from './ports.ts';

/** How long to wait for a running writer to see the wish and give the chain back. */
const WAIT_MS = 120_000;

/**
 * Sets or ends the hold of a workspace. A run in progress elsewhere holds the chain, so the wish is first put beside
 * the chain, where its writer looks between two changes; the chain records it as soon as it is free.
 */
export async function holdWorkspace(
  ports: Ports,
  where: { readonly stateRemote: string; readonly workspace: WorkspaceKey },
  wish: { readonly by: string; readonly why: string; readonly held: boolean; readonly stop: AbortSignal },
): Promise<void> {
  const store = ports.openState({ remote: where.stateRemote, workspace: where.workspace });
  await store.requestHold(wish.held);
  const writer = await store.take(ports.holder, { waitMs: WAIT_MS, signal: wish.stop });
  try {
    const at = ports.world.clock.now();
    const { by, why } = wish;
    await writer.pushed(await writer.append([wish.held ? { step: 'hold', by, why, at } : { step: 'unhold', by, at }]));
  } finally {
    await writer.close({ release: true });
    await store.requestHold(false);
  }
}
