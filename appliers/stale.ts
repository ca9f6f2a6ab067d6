import { digestOf } from '../planner/digest.ts';
import { Fault, type Problem } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import { pinned, ProviderFault } from '../schemas/provider.ts';
import type { RunInput } from './input.ts';

type Input = Pick<RunInput, 'plan' | 'connection' | 'context'>;

/**
 * Compares every object that the plan touches with what it was when the plan was made: one listing for each provider, and
 * one read for each object that it does not show, because an object to adopt carries no label of ours yet.
 * Throws Fault `refused` that names each difference; no call that changes anything was made by then.
 */
export async function refuseStale(input: Input): Promise<void> {
  const touched = input.plan.changes.filter(change => change.observed !== undefined && change.action !== 'forget');
  const problems: Problem[] = [];
  for (const provider of new Set(touched.map(change => change.provider))) {
    const own = touched.filter(change => change.provider === provider);
    problems.push(...(await differences(input, provider, own)));
  }
  if (problems.length > 0) throw new Fault('refused', problems);
}

async function differences(input: Input, provider: string, touched: readonly Change[]): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  try {
    const connection = input.connection(provider);
    const listed = await connection.list(input.context, input.plan.workspace);
    const objects = new Map(listed.map(object => [`${object.kind} ${object.id}`, object]));
    for (const { address, kind, id = '', observed } of touched) {
      const now = objects.get(`${kind} ${id}`) ?? (await connection.read(input.context, { kind, id }));
      if (now !== null && digestOf(pinned(now)) === observed) continue;
      const what = `${address} (${id}) ${now === null ? 'no longer exists' : 'was changed by somebody else'}`;
      problems.push({ id: 'RUN-STALE', what, fix: 'make a new plan' });
    }
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const what = `provider "${provider}" cannot be listed: ${error.error.message}`;
    throw new Fault('unavailable', { id: 'PR-UNAVAILABLE', what, fix: 'run the same command again' });
  }
  return problems;
}
