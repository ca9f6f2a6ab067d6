import { digestOf } from '../../planner/digest.ts';
import { resolveSpec } from '../../planner/resolve.ts';
import { rulesOf } from '../../planner/rules.ts';
import type { Recorded, RecordedObject } from '../../schemas/checkpoint.ts';
import type { Json } from '../../schemas/json.ts';
import { kindNamed } from '../../schemas/kinds/index.ts';
import type { Change, Plan } from '../../schemas/plan.ts';
import type { Observation, Observations, Observed } from '../../schemas/provider.ts';
import { isJoin, isRef, type Spec, splitRef } from '../../schemas/resource.ts';
import { ACCOUNT, LINEAGE, outputsFor, recordedSpec, WORKSPACE } from './fixture.ts';

/** The world of a test: the record and what every cloud shows. */
export interface Realm {
  recorded: Recorded;
  observations: Observations;
}

/** What a perfect applier would leave behind: every change of the plan done in its order, against record and clouds. */
export function carryOut(
  plan: Plan,
  realm: Realm,
  options: { readonly run?: string; readonly whole?: Plan } = {},
): Realm {
  const objects = new Map(realm.recorded.objects);
  const clouds = new Map<string, Map<string, Observed>>();
  for (const [provider, observation] of Object.entries(realm.observations)) {
    if (observation.status !== 'complete') continue;
    clouds.set(provider, new Map(observation.objects.map(object => [`${object.kind} ${object.id}`, object])));
  }
  const done = new Set<string>();
  const facts = {
    objects,
    clouds,
    run: options.run ?? 'run-2',
    plan: options.whole ?? plan,
    urgent: urgentDeletions(options.whole ?? plan),
  };
  for (const change of plan.changes) {
    for (const key of change.needs) if (!done.has(key)) throw new Error(`${change.key} comes before ${key}`);
    perform(change, facts);
    done.add(change.key);
  }
  const observations: { [provider: string]: Observation } = { ...realm.observations };
  for (const [provider, cloud] of clouds)
    observations[provider] = { status: 'complete', account: ACCOUNT, objects: [...cloud.values()] };
  return { recorded: { ...realm.recorded, objects, tree: digestOf([...objects]).slice(0, 40) }, observations };
}

interface Facts {
  readonly objects: Map<string, RecordedObject>;
  readonly clouds: Map<string, Map<string, Observed>>;
  readonly run: string;
  readonly plan: Plan;
  /** Deletions that a create waits for: only they may leave something pointing to nowhere for a moment. */
  readonly urgent: ReadonlySet<string>;
}

function urgentDeletions(plan: Plan): Set<string> {
  const urgent = new Set<string>();
  const byKey = new Map(plan.changes.map(change => [change.key, change]));
  const queue = plan.changes.filter(change => change.action !== 'delete').flatMap(change => change.needs);
  for (const key of queue) {
    if (byKey.get(key)?.action !== 'delete' || urgent.has(key)) continue;
    urgent.add(key);
    queue.push(...(byKey.get(key)?.needs ?? []));
  }
  return urgent;
}

/** What a server takes with it. */
function companyOf({ key }: Change, { changes }: Plan): readonly Change[] {
  return changes.filter(({ goesWith }) => goesWith === key);
}

/** A cloud refuses to delete what something else names. */
function refuseIfNamed(change: Change, { clouds, plan }: Facts): void {
  const going = new Set(plan.changes.flatMap(({ goesWith, id }) => (goesWith === undefined ? [] : [id])));
  for (const cloud of clouds.values()) {
    for (const other of cloud.values()) {
      if (going.has(other.id)) continue;
      if ((change.id ?? '').length < 3) continue;
      if (other.id !== change.id && JSON.stringify(other.spec).includes(`"${change.id ?? ''}"`)) {
        throw new Error(
          `${change.key} comes before ${other.owner?.address ?? other.id} stopped naming ${change.id ?? ''}`,
        );
      }
    }
  }
}

function perform(change: Change, facts: Facts): void {
  const { objects, clouds } = facts;
  const cloud = clouds.get(change.provider) ?? new Map<string, Observed>();
  clouds.set(change.provider, cloud);
  if (change.action === 'forget') {
    objects.delete(change.key.slice('forget '.length));
    return;
  }
  if (change.goesWith !== undefined) return;
  if (change.action === 'delete') {
    const wanted = change.key.slice('delete '.length);
    const deposed = `${wanted}#${change.id ?? ''}`;
    const key = objects.get(wanted)?.id === change.id ? wanted : deposed;
    if (!objects.has(key)) throw new Error(`nothing is recorded for ${change.key}`);
    if (!facts.urgent.has(change.key)) refuseIfNamed(change, facts);
    for (const gone of [change, ...companyOf(change, facts.plan)]) {
      objects.delete(objects.get(gone.address)?.id === gone.id ? gone.address : `${gone.address}#${gone.id ?? ''}`);
      cloud.delete(`${gone.kind} ${gone.id ?? ''}`);
    }
    return;
  }
  make(change, cloud, facts);
}

let serial = 0;

function make(change: Change, cloud: Map<string, Observed>, { objects, run, plan }: Facts): void {
  const lookup = (ref: string): Json | undefined => {
    const { address, output } = splitRef(ref);
    return objects.get(address)?.outputs[output];
  };
  const { spec, missing } = resolveSpec(change.after as Spec, lookup);
  if (missing.length > 0 || hasRef(spec as Json)) throw new Error(`${change.key}: ${missing.join(', ')} is not known`);
  serial += 1;
  const id = change.action === 'create' ? `new-${serial}` : (change.id as string);
  const before = objects.get(change.movedFrom ?? change.address);
  if (
    change.replaces !== undefined &&
    before !== undefined &&
    plan.changes.some(other => other.key === change.replaces)
  ) {
    objects.set(`${before.key}#${before.id}`, { ...before, key: `${before.key}#${before.id}` });
  }
  if (change.movedFrom !== undefined) objects.delete(change.movedFrom);
  const outputs =
    change.action === 'create'
      ? outputsFor(change.kind, id, spec)
      : { ...outputsFor(change.kind, id, spec), ...before?.outputs, id };
  for (const [output, rule] of Object.entries(kindNamed(change.kind)?.outputs ?? {})) {
    if (rule.sameAs !== undefined && spec[rule.sameAs] !== undefined) outputs[output] = spec[rule.sameAs] as Json;
  }
  const record: RecordedObject = {
    key: change.address,
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    account: ACCOUNT,
    id,
    spec: recordedSpec(change.kind, spec),
    outputs,
    needs: change.requires ?? [],
    protect: change.protect ?? false,
    opId: before !== undefined && change.action === 'update' ? before.opId : `op-${id}`,
    by: { run, key: change.key },
  };
  objects.set(record.key, record);
  const shown: { [field: string]: Json } = { ...spec };
  const rules = rulesOf(change.kind, undefined);
  for (const field of Object.keys(shown)) if (rules?.field(field).writeOnly === true) delete shown[field];
  cloud.set(`${change.kind} ${id}`, {
    kind: change.kind,
    id,
    name: id,
    spec: shown,
    outputs,
    owner: { workspace: WORKSPACE, lineage: LINEAGE, address: change.address, opId: record.opId },
    phase: 'ready',
    protected: record.protect,
    createdAt: 0,
    attached: false,
  });
}

function hasRef(value: Json): boolean {
  if (isRef(value) || isJoin(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(member => hasRef(member as Json));
}
