import type { Change, Finding } from '../schemas/plan.ts';
import type { Scene } from './scene.ts';

/** Error findings about what a provider cannot make as it is described, so that nothing is begun that could not be ended. */
export function unfit(scene: Scene, changes: readonly Change[]): Finding[] {
  return changes.flatMap(change => {
    const { address, provider, kind, after } = change;
    if (after === null || change.action === 'delete' || change.action === 'forget') return [];
    const refusal = scene.input.capability(provider, kind)?.refuses?.(after);
    if (refusal === undefined) return [];
    const at = scene.place(address, [refusal.field]) ?? scene.place(address);
    const what = `${provider} cannot make ${address} as it is described: ${refusal.why}`;
    return [{ level: 'error', id: 'PR-REFUSED', address, what, ...(at === undefined ? {} : { at }) }];
  });
}
