import { makeRollback } from '../planner/rollback.ts';
import type { RunRecord } from '../schemas/checkpoint.ts';
import { Fault } from '../schemas/fault.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Ports } from './ports.ts';
import type { View } from './view.ts';

/** The plan that takes back the newest run. Throws Fault `refused` when there is none, or it was a rollback itself. */
export async function planRollback(
  ports: Ports,
  view: View,
): Promise<{ readonly run: RunRecord; readonly plan: Plan }> {
  const run = view.recorded.run;
  const done = run === null ? null : await view.store.plan(run.plan);
  if (run === null || done === null || run.purpose === 'rollback') {
    const what =
      run === null
        ? 'nothing was ever applied here'
        : run.purpose === 'rollback'
          ? 'the newest run is a rollback itself'
          : `the plan of run ${run.id} is no longer kept`;
    throw new Fault('refused', { id: 'RUN-NO-ROLLBACK', what });
  }
  const plan = makeRollback({
    plan: done,
    recorded: view.recorded,
    observations: view.observations,
    capability: view.session.capability,
    catalogues: {},
    tool: ports.tool,
    commit: view.commit,
    tree: view.tree,
  });
  return { run, plan };
}
