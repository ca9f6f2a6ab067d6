import { digestOf } from '../planner/digest.ts';
import { Fault, type Problem } from '../schemas/fault.ts';
import { pinned, ProviderFault } from '../schemas/provider.ts';
import type { RunInput } from './run.ts';

/**
 * Compares every object that the plan touches with what it was when the plan was made: one listing for each provider.
 * Throws Fault `refused` that names each difference; no call that changes anything was made by then.
 */
export async function refuseStale(input: Pick<RunInput, 'plan' | 'connection' | 'context'>): Promise<void> {
  const touched = input.plan.changes.filter(change => change.observed !== undefined && change.action !== 'forget');
  const problems: Problem[] = [];
  for (const provider of new Set(touched.map(change => change.provider))) {
    const objects = await listed(input, provider);
    for (const change of touched) {
      if (change.provider !== provider) continue;
      const now = objects.get(change.id ?? '');
      if (now !== undefined && digestOf(pinned(now)) === change.observed) continue;
      const what =
        now === undefined
          ? `${change.address} (${change.id}) no longer exists`
          : `${change.address} (${change.id}) was changed by somebody else`;
      problems.push({ id: 'RUN-STALE', what, fix: 'make a new plan' });
    }
  }
  if (problems.length > 0) throw new Fault('refused', problems);
}

async function listed(input: Pick<RunInput, 'plan' | 'connection' | 'context'>, provider: string) {
  try {
    const objects = await input.connection(provider).list(input.context, input.plan.workspace);
    return new Map(objects.map(object => [object.id, object]));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const what = `provider "${provider}" cannot be listed: ${error.error.message}`;
    throw new Fault('unavailable', { id: 'PR-UNAVAILABLE', what, fix: 'run the same command again' });
  }
}
