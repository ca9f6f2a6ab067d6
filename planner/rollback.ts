import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import { Settings } from '../schemas/workspace.ts';
import { changesFor } from './changes.ts';
import { decideAll } from './decide.ts';
import { formerState } from './former.ts';
import type { PlanInput, RollbackInput } from './input.ts';
import type { Held, Matching } from './matching.ts';
import { narrow } from './narrow.ts';
import { orderChanges } from './order.ts';
import { priceOf } from './prices.ts';
import { openScene, type Scene } from './scene.ts';
import { seal, sortFindings } from './seal.ts';

/**
 * The plan that takes back what the newest run did: a plan towards the state before it, of the objects that run touched
 * and no others. Only changes that were really made according to the record are taken back, so it may be made again at
 * any time, also after half a rollback. What cannot be taken back is named in its findings and left as it is.
 */
export function makeRollback(input: RollbackInput): Plan {
  const former = formerState(input);
  const scene = formerScene(input, former);
  const decided = decideAll(scene);
  const drafted = changesFor(scene, decided.decisions);
  const narrowed = narrow(scene, drafted.changes);
  const changes = orderChanges(narrowed.changes);
  const objects = [...input.recorded.objects.values()];
  const priced = changes.length === 0 ? { price: null, findings: [] } : priceOf(input.catalogues, objects, changes);
  const touched = new Set(changes.map(change => change.address));
  return seal({
    purpose: 'rollback',
    workspace: input.plan.workspace,
    commit: input.commit,
    tree: input.tree,
    lineage: input.recorded.lineage,
    base: input.recorded.tree,
    tool: input.tool,
    policy: input.plan.policy,
    options: NO_OPTIONS,
    changes,
    findings: sortFindings([
      ...former.findings,
      ...decided.findings,
      ...drafted.findings,
      ...narrowed.findings,
      ...priced.findings,
    ]),
    price: priced.price,
    unchanged: objects.filter(object => !touched.has(object.address)).length,
  });
}

const NO_OPTIONS: Plan['options'] = { targets: [], excludes: [], destroy: false, allowDeletes: null };

/** The scene of a planning whose files say what was there before the run, and nothing of anything else. */
function formerScene(input: RollbackInput, former: ReturnType<typeof formerState>): Scene {
  const run = input.recorded.run?.id ?? '';
  const synthetic: PlanInput = {
    ...input,
    loaded: {
      workspace: {
        name: input.plan.workspace,
        env: null,
        key: input.plan.workspace,
        settings: Settings.parse({}),
        providers: {},
        resources: former.resources,
        moved: [],
        forget: [],
      },
      warnings: [],
      files: 0,
      locate: () => undefined,
    },
    options: NO_OPTIONS,
  };
  return {
    ...openScene(synthetic),
    matching: formerMatching(former.held, former.removed, former.forgotten),
    words: { create: `run ${run} deleted it`, remove: `run ${run} created it` },
  };
}

function formerMatching(
  held: ReadonlyMap<Address, Held>,
  removed: readonly RecordedObject[],
  forgotten: readonly RecordedObject[],
): Matching {
  return { held, deposed: removed, forgotten, findings: [], today: address => address };
}
