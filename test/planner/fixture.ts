import { emptyRecorded, type Intent, type Recorded, type RecordedObject } from '../../schemas/checkpoint.ts';
import type { Json } from '../../schemas/json.ts';
import { kindNamed } from '../../schemas/kinds/index.ts';
import { type Address, kindOf, nameOf } from '../../schemas/name.ts';
import type { PlanOptions } from '../../schemas/plan.ts';
import type { Catalogue, KindCapability, Observation, Observations, Observed } from '../../schemas/provider.ts';
import { eachRef, type Resource, type Spec, splitRef } from '../../schemas/resource.ts';
import { upstreamOf } from '../../schemas/upstream.ts';
import { Settings, type Loaded, type Moved } from '../../schemas/workspace.ts';
import { digestOf } from '../../planner/digest.ts';
import type { PlanInput } from '../../planner/input.ts';
import { rulesOf } from '../../planner/rules.ts';

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
  readonly astray?: readonly string[];
  readonly unseen?: string;
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
  eachRef(spec as Json, ref => {
    if (upstreamOf(ref) === null) needs.add(splitRef(ref).address);
  });
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
    ...(thing.astray === undefined ? {} : { astray: thing.astray }),
    ...(thing.unseen === undefined ? {} : { unseen: thing.unseen }),
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
