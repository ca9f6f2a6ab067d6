import { emptyRecorded, type Intent, type Recorded, type RecordedObject } from '../../schemas/checkpoint.ts';
import type { Json } from '../../schemas/json.ts';
import { kindNamed } from '../../schemas/kinds/index.ts';
import { type Address, kindOf, nameOf } from '../../schemas/name.ts';
import type { Change, Plan, PlanOptions } from '../../schemas/plan.ts';
import type { Catalogue, KindCapability, Observation, Observations, Observed } from '../../schemas/provider.ts';
import { eachRef, isJoin, isRef, type Resource, type Spec, splitRef } from '../../schemas/resource.ts';
import { Settings, type Loaded, type Moved } from '../../schemas/workspace.ts';
import { digestOf } from '../../planner/digest.ts';
import type { PlanInput } from '../../planner/input.ts';
import { rulesOf } from '../../planner/rules.ts';
import { resolveSpec } from '../../planner/resolve.ts';

export const WORKSPACE = 'shop';
export const LINEAGE = '0123456789ab';
export const ACCOUNT = 'acme';

/** A resource as short as a person would write it. `$name.output` in a string is a reference: `$server/db.privateIp`. */
export interface Wish {
  readonly spec?: { readonly [field: string]: Json };
  readonly provider?: string;
  readonly needs?: readonly Address[];
  readonly on?: Address;
  readonly protect?: boolean;
  readonly replace?: Resource['replace'];
  readonly adopt?: string;
}

export interface Wishes {
  readonly [address: Address]: Wish;
}

/** One object in the world and, unless said otherwise, in the record. */
export interface Thing extends Wish {
  readonly id?: string;
  readonly account?: string;
  readonly outputs?: { readonly [output: string]: Json };
  readonly tainted?: boolean;
  /** What the cloud shows where it differs from the spec. */
  readonly seen?: { readonly [field: string]: Json };
  readonly seenOutputs?: { readonly [output: string]: Json };
  /** `record`: recorded but gone. `cloud`: labelled ours, but not recorded. Default: both. */
  readonly only?: 'record' | 'cloud';
  readonly phase?: Observed['phase'];
  readonly lineage?: string;
  readonly opId?: string;
  readonly unlabelled?: boolean;
  readonly labelledAs?: Address;
}

export interface Things {
  readonly [key: string]: Thing;
}

export interface Scenario {
  readonly desired?: Wishes;
  readonly things?: Things;
  readonly moved?: readonly Moved[];
  readonly forget?: readonly Address[];
  readonly settings?: { readonly [name: string]: Json };
  readonly options?: Partial<PlanOptions>;
  readonly capabilities?: { readonly [provider: string]: { readonly [kind: string]: Partial<KindCapability> | null } };
  readonly catalogues?: { readonly [provider: string]: Partial<Catalogue> };
  /** Providers that did not answer (the reason), were not asked (null), or answer for another account. */
  readonly unavailable?: { readonly [provider: string]: string };
  readonly notAsked?: readonly string[];
  readonly accounts?: { readonly [provider: string]: string };
  readonly intents?: readonly (Pick<Intent, 'key' | 'opId'> & Partial<Intent>)[];
  /** `server/db: [infra/db.yaml, 3]`; everything else lies in infra/main.yaml. */
  readonly places?: { readonly [address: Address]: readonly [string, number] };
}

export function resourceOf(address: Address, wish: Wish): Resource {
  const needs = new Set(wish.needs ?? []);
  if (wish.on !== undefined) needs.add(wish.on);
  const spec = (wish.spec ?? {}) as Spec;
  eachRef(spec as Json, ref => needs.add(splitRef(ref).address));
  return {
    address,
    kind: kindOf(address),
    name: nameOf(address),
    provider: wish.provider ?? 'demo',
    spec,
    needs: [...needs].sort(),
    protect: wish.protect ?? false,
    replace: wish.replace ?? 'auto',
    ...(wish.on === undefined ? {} : { on: wish.on }),
    ...(wish.adopt === undefined ? {} : { adopt: wish.adopt }),
  } as Resource;
}

export function loadedOf(scenario: Scenario): Loaded {
  const desired = scenario.desired ?? {};
  const resources = Object.keys(desired)
    .sort()
    .map(address => resourceOf(address, desired[address] as Wish));
  const lines = new Map(resources.map((resource, index) => [resource.address, 3 + index * 10]));
  return {
    workspace: {
      name: WORKSPACE,
      env: null,
      key: WORKSPACE,
      settings: Settings.parse(scenario.settings ?? {}),
      providers: { demo: { driver: 'demo', config: {} } },
      resources,
      moved: scenario.moved ?? [],
      forget: scenario.forget ?? [],
    },
    warnings: [],
    files: 1,
    locate(address, path = []) {
      const place = scenario.places?.[address];
      if (place !== undefined) return { file: place[0], line: place[1] + path.length, column: 3 };
      const line = lines.get(address);
      return line === undefined ? undefined : { file: 'infra/main.yaml', line: line + path.length, column: 3 };
    },
  };
}

/** What the applier records of a spec: write-only fields by digest. */
export function recordedSpec(kind: string, spec: Spec): Spec {
  const rules = rulesOf(kind, undefined);
  const kept: { [field: string]: Json } = {};
  for (const [field, value] of Object.entries(spec)) {
    kept[field] = rules?.field(field).writeOnly === true ? { $sha256: digestOf(value) } : value;
  }
  return kept;
}

/** Outputs that a cloud would make up for an object. */
export function outputsFor(kind: string, id: string, spec: Spec): { [output: string]: Json } {
  const outputs: { [output: string]: Json } = {};
  for (const [output, rule] of Object.entries(kindNamed(kind)?.outputs ?? {})) {
    const same = rule.sameAs === undefined ? undefined : spec[rule.sameAs];
    outputs[output] = output === 'id' ? id : (same ?? `${output}-of-${id}`);
  }
  return outputs;
}

function recordOf(key: string, thing: Thing): RecordedObject {
  const address = key.split('#')[0] as string;
  const id = thing.id ?? key.split('#')[1] ?? `id-${nameOf(address)}`;
  const resource = resourceOf(address, thing);
  return {
    key,
    address,
    kind: resource.kind,
    provider: resource.provider,
    account: thing.account ?? ACCOUNT,
    id,
    spec: recordedSpec(resource.kind, resource.spec),
    outputs: thing.outputs ?? outputsFor(resource.kind, id, resource.spec),
    needs: resource.needs,
    protect: resource.protect,
    opId: thing.opId ?? `op-${id}`,
    ...(thing.tainted === true ? { tainted: true } : {}),
    by: { run: 'run-1', key: `create ${address}` },
  };
}

function observedOf(key: string, thing: Thing): Observed {
  const record = recordOf(key, thing);
  const rules = rulesOf(record.kind, undefined);
  const spec: { [field: string]: Json } = { ...(thing.spec as Spec | undefined), ...thing.seen };
  for (const field of Object.keys(spec)) if (rules?.field(field).writeOnly === true) delete spec[field];
  return {
    kind: record.kind,
    id: record.id,
    name: `${WORKSPACE}-${nameOf(record.address)}`,
    spec,
    outputs: { ...record.outputs, ...thing.seenOutputs },
    owner:
      thing.unlabelled === true
        ? null
        : {
            workspace: WORKSPACE,
            lineage: thing.lineage ?? LINEAGE,
            address: thing.labelledAs ?? record.address,
            opId: record.opId,
          },
    phase: thing.phase ?? 'ready',
    protected: record.protect,
    createdAt: 0,
    attached: false,
  };
}

export function recordedFrom(scenario: Scenario): Recorded {
  const empty = emptyRecorded(WORKSPACE, LINEAGE);
  const objects = new Map<string, RecordedObject>();
  for (const [key, thing] of Object.entries(scenario.things ?? {})) {
    if (thing.only !== 'cloud') objects.set(key, recordOf(key, thing));
  }
  const intents = new Map<string, Intent>();
  for (const intent of scenario.intents ?? []) {
    const address = intent.key.slice(intent.key.indexOf(' ') + 1);
    const base = {
      action: 'create',
      address,
      kind: kindOf(address),
      provider: 'demo',
      run: 'run-1',
      epoch: 1,
    } as const;
    intents.set(intent.key, { ...base, ...intent });
  }
  return { ...empty, objects, intents, tree: objects.size === 0 ? empty.tree : 'b'.repeat(40) };
}

export function observationsFrom(scenario: Scenario): Observations {
  const lists = new Map<string, Observed[]>([['demo', []]]);
  for (const wish of Object.values(scenario.desired ?? {})) lists.set(wish.provider ?? 'demo', []);
  for (const [key, thing] of Object.entries(scenario.things ?? {})) {
    const provider = thing.provider ?? 'demo';
    const list = lists.get(provider) ?? [];
    lists.set(provider, list);
    if (thing.only !== 'record') list.push(observedOf(key, thing));
  }
  const observations: { [provider: string]: Observation } = {};
  for (const [provider, objects] of lists) {
    if (scenario.notAsked?.includes(provider) === true) continue;
    const why = scenario.unavailable?.[provider];
    observations[provider] =
      why === undefined
        ? { status: 'complete', account: scenario.accounts?.[provider] ?? ACCOUNT, objects }
        : { status: 'unavailable', why };
  }
  return observations;
}

export function capabilityFrom(scenario: Scenario): PlanInput['capability'] {
  return (provider, kind) => {
    const known = scenario.capabilities?.[provider]?.[kind];
    if (known === null || provider === 'gone') return undefined;
    return { idempotency: 'label-scan', visibleAfterMs: 0, ...known };
  };
}

export function inputOf(scenario: Scenario): PlanInput {
  const catalogues: { [provider: string]: Catalogue } = {};
  for (const [provider, part] of Object.entries(scenario.catalogues ?? {})) {
    catalogues[provider] = { sizes: [], images: [], zones: [], quotas: [], prices: [], currency: 'EUR', ...part };
  }
  return {
    loaded: loadedOf(scenario),
    commit: 'c'.repeat(40),
    tree: 'd'.repeat(40),
    recorded: recordedFrom(scenario),
    observations: observationsFrom(scenario),
    capability: capabilityFrom(scenario),
    catalogues,
    options: { targets: [], excludes: [], destroy: false, allowDeletes: null, ...scenario.options },
    tool: '0.0.0-test',
  };
}

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
  const facts = { objects, clouds, run: options.run ?? 'run-2', plan: options.whole ?? plan, urgent: urgentDeletions(options.whole ?? plan) };
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

/** A cloud refuses to delete what something else names. */
function refuseIfNamed(change: Change, clouds: Facts['clouds']): void {
  for (const cloud of clouds.values()) {
    for (const other of cloud.values()) {
      if (other.id !== change.id && JSON.stringify(other.spec).includes(`"${change.id ?? ''}"`)) {
        throw new Error(`${change.key} comes before ${other.owner?.address ?? other.id} stopped naming ${change.id ?? ''}`);
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
  if (change.action === 'delete') {
    const wanted = change.key.slice('delete '.length);
    const deposed = `${wanted}#${change.id ?? ''}`;
    const key = objects.get(wanted)?.id === change.id ? wanted : deposed;
    if (!objects.has(key)) throw new Error(`nothing is recorded for ${change.key}`);
    if (!facts.urgent.has(change.key)) refuseIfNamed(change, clouds);
    objects.delete(key);
    cloud.delete(`${change.kind} ${change.id ?? ''}`);
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
