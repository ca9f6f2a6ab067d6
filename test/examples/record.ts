import { createCloud } from '../../platform/demo-cloud/cloud.ts';
import { cloudFetch } from '../../platform/demo-cloud/fetch.ts';
import { resolveSpec } from '../../planner/resolve.ts';
import { demo } from '../../providers/demo/index.ts';
import { emptyRecorded, type Recorded, type RecordedObject } from '../../schemas/checkpoint.ts';
import type { Json } from '../../schemas/json.ts';
import type { Change, Plan } from '../../schemas/plan.ts';
import type { CallContext, Connection, Observations } from '../../schemas/provider.ts';
import { splitRef } from '../../schemas/resource.ts';
import type { World } from '../../schemas/world.ts';
import { noSecrets } from '../providers/no-secrets.ts';

export const LINEAGE = '5a1e0c0ffee0';

/** Time stands still, and random numbers count up: a golden is the same on every machine. */
const world: World = {
  clock: { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0, sleep: () => Promise.resolve() },
  randomHex: count => '00'.repeat(count),
  reach: () => Promise.resolve(),
};

/** A demo cloud in this process, and a connection to it. */
export async function openCloud(config: {
  readonly [key: string]: unknown;
}): Promise<{ ctx: CallContext; connection: Connection }> {
  const core = createCloud();
  const ctx: CallContext = {
    world,
    signal: new AbortController().signal,
    fetch: cloudFetch(core, { clock: world.clock }),
    timeoutMs: 10_000,
  };
  return { ctx, connection: await demo.connect(ctx, { ...config, url: 'http://demo.invalid' }, noSecrets) };
}

/**
 * What is recorded and observed after a plan of creates was applied: every change is made in the plan's order by the
 * real provider in a cloud of this process.
 */
export async function recordOf(
  plan: Plan,
  config: { readonly [key: string]: unknown },
): Promise<{ recorded: Recorded; observations: Observations }> {
  const { ctx, connection } = await openCloud(config);
  const objects = new Map<string, RecordedObject>();
  const lookup = (ref: string): Json | undefined => {
    const { address, output } = splitRef(ref);
    return objects.get(address)?.outputs[output];
  };
  for (const change of plan.changes) {
    const object = await created(change, { plan, ctx, connection, lookup });
    objects.set(object.key, object);
  }
  const listed = await connection.list(ctx, plan.workspace);
  const observations: Observations = { demo: { status: 'complete', account: connection.account, objects: listed } };
  return { recorded: { ...emptyRecorded(plan.workspace, LINEAGE), objects }, observations };
}

interface Making {
  readonly plan: Plan;
  readonly ctx: CallContext;
  readonly connection: Connection;
  readonly lookup: (ref: string) => Json | undefined;
}

async function created(change: Change, { plan, ctx, connection, lookup }: Making): Promise<RecordedObject> {
  const { spec, missing } = resolveSpec(change.after ?? {}, lookup);
  if (change.action !== 'create' || missing.length > 0) throw new Error(`not a plain create: ${change.key}`);
  const opId = change.key
    .replaceAll(/[^a-z0-9]/g, '')
    .padStart(24, '0')
    .slice(-24);
  const owner = { workspace: plan.workspace, lineage: LINEAGE, address: change.address, opId };
  const outcome = await connection.create(ctx, { kind: change.kind, owner, spec, protect: change.protect === true });
  if (outcome.status !== 'done') throw new Error(`${change.key} was ${outcome.status}`);
  const { id, outputs } = outcome.object;
  return {
    key: change.address,
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    account: connection.account,
    id,
    spec,
    outputs: { ...outputs, id },
    needs: change.needs.map(key => key.slice('create '.length)),
    protect: change.protect === true,
    opId,
    by: { run: 'before', key: change.key },
  };
}
