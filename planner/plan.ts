import type { RecordedObject } from '../schemas/checkpoint.ts';
import { Fault } from '../schemas/fault.ts';
import { LIMITS } from '../schemas/limits.ts';
import type { Address } from '../schemas/name.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import { brakes } from './brakes.ts';
import { changesFor } from './changes.ts';
import { decideAll } from './decide.ts';
import { digestOf } from './digest.ts';
import { followedRecord } from './followed.ts';
import type { PlanInput } from './input.ts';
import { checkOptions, narrow } from './narrow.ts';
import { orderChanges } from './order.ts';
import { ownership } from './ownership.ts';
import { priceOf } from './prices.ts';
import { rangeFindings } from './ranges.ts';
import { reality } from './reality.ts';
import { referrerFindings } from './referrers.ts';
import { openScene, type Scene } from './scene.ts';
import { seal, sortFindings } from './seal.ts';
import { byText, sortedUnique } from './sort.ts';
import { upstreamPins } from './upstream.ts';
import { unfit } from './unfit.ts';

/**
 * What must be done so that the desired state holds, as plain data. Pure: the same input gives the same plan, byte for
 * byte, whatever the order of its maps. Whatever stands against the plan is an error finding in it. Throws Fault `usage`
 * for an unknown address in the options and `refused` beyond `LIMITS.planActions`.
 */
export function makePlan(input: PlanInput): Plan {
  return consider(input).plan;
}

/** The plan, and the records that must follow what somebody changed outside and then wrote into the files: nothing is to be done for those. */
export function consider(input: PlanInput): { plan: Plan; followed: RecordedObject[] } {
  const scene = openScene(input);
  checkOptions(scene, input.options);
  const decided = decideAll(scene);
  const drafted = changesFor(scene, decided.decisions);
  const narrowed = narrow(scene, drafted.changes);
  const changes = orderChanges(narrowed.changes).map(change => withSteps(change, input.steps));
  checkSize(changes);
  const settled = new Set(decided.findings.map(finding => finding.address ?? ''));
  const priced =
    changes.length === 0 ? { price: null, findings: [] } : priceOf(input.catalogues, presentObjects(scene), changes);
  const findings = sortFindings([
    ...scene.matching.findings,
    ...decided.findings,
    ...drafted.findings,
    ...narrowed.findings,
    ...brakes(scene, changes),
    ...referrerFindings(changes, input.referrers ?? []),
    ...ownership(scene, changes, settled),
    ...reality(input.catalogues, changes),
    ...unfit(scene, changes),
    ...rangeFindings(scene, changes),
    ...priced.findings,
  ]);
  const { workspace } = input.loaded;
  const plan = seal({
    purpose: 'apply',
    workspace: workspace.key,
    commit: input.commit,
    tree: input.tree,
    lineage: input.recorded.lineage,
    base: input.recorded.tree,
    tool: input.tool,
    policy: digestOf(workspace.settings),
    options: {
      targets: sortedUnique(input.options.targets),
      excludes: sortedUnique(input.options.excludes),
      destroy: input.options.destroy,
      allowDeletes: input.options.allowDeletes,
    },
    ...upstreamPins(scene),
    ...accountsOf(input),
    changes,
    findings,
    price: priced.price,
    unchanged: unchanged(scene, changes),
  });
  return { plan, followed: [...decided.decisions.values()].flatMap(followedRecord) };
}

function withSteps(change: Change, stepsOf: PlanInput['steps']): Change {
  const steps = stepsOf?.(change) ?? [];
  return steps.length === 0 ? change : { ...change, steps: [...steps] };
}

/** The accounts that were looked at, sorted by provider. */
function accountsOf({ observations }: PlanInput): Pick<Plan, 'accounts'> {
  const seen = Object.entries(observations).flatMap(([provider, observation]) =>
    observation.status === 'complete' ? [[provider, observation.account] as const] : [],
  );
  return seen.length === 0 ? {} : { accounts: Object.fromEntries(seen.sort(([a], [b]) => byText(a, b))) };
}

/** Resources of the files that no change touches. */
function unchanged(scene: Scene, changes: readonly Change[]): number {
  const touched = new Set<Address>();
  for (const change of changes) if (!change.key.includes('#')) touched.add(change.address);
  let count = 0;
  for (const address of scene.resources.keys()) if (!touched.has(address)) count += 1;
  return count;
}

/** Recorded objects that were not seen to be gone. */
function presentObjects({ input, sight }: Scene) {
  return [...input.recorded.objects.values()].filter(
    ({ provider, kind, id }) => !sight.complete(provider) || sight.find(provider, kind, id) !== undefined,
  );
}

function checkSize(changes: readonly Change[]): void {
  if (changes.length <= LIMITS.planActions) return;
  throw new Fault('refused', {
    id: 'PR-TOO-MANY',
    what: `this plan has ${changes.length} changes, more than the ${LIMITS.planActions} that one plan may have`,
    fix: 'split the workspace, or plan with --target',
  });
}
