import { makePlan } from '../../planner/plan.ts';
import { demo } from '../../providers/demo/index.ts';
import { emptyRecorded } from '../../schemas/checkpoint.ts';
import { Plan } from '../../schemas/plan.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import { LINEAGE, openCloud } from '../examples/record.ts';

/** The plan of a workspace from nothing, with the provider `main` at the demo cloud. */
export async function demoPlan(loaded: Loaded): Promise<Plan> {
  const { workspace } = loaded;
  const { config = {} } = workspace.providers['main'] ?? {};
  const { ctx, connection } = await openCloud(config);
  const plan = makePlan({
    loaded,
    commit: '1'.repeat(40),
    tree: '2'.repeat(40),
    recorded: emptyRecorded(workspace.key, LINEAGE),
    observations: { main: { status: 'complete', account: connection.account, objects: [] } },
    capability: (_, kind) => demo.capability(kind, config),
    catalogues: { main: await connection.catalogue(ctx) },
    options: { targets: [], excludes: [], destroy: false, allowDeletes: null },
    tool: '0.1.0',
  });
  return Plan.parse(plan);
}
