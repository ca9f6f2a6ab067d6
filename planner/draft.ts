import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Json } from '../schemas/json.ts';
import type { Change, FieldChange } from '../schemas/plan.ts';
import { type Observed, pinned } from '../schemas/provider.ts';
import type { Resource, Spec } from '../schemas/resource.ts';
import type { Decision } from './decision.ts';
import { digestOf } from './digest.ts';
import { hidden } from './fields.ts';
import { planSpec } from './plain.ts';
import { deleteInverse, reveal, simpleInverse, adoptInverse, updateInverse, updateRisk } from './risk.ts';
import { type KindRules, rulesOf } from './rules.ts';
import type { Scene } from './scene.ts';
import { sortedUnique } from './sort.ts';

/** Why and how an object goes. */
export interface Farewell {
  readonly why: string;
  /** The spec of the object that takes its place, when there is one. */
  readonly successor: Spec | null;
  readonly movedFrom?: string;
}

/** The change that makes, changes or takes over the object of a resource. Its `needs` are linked later. */
export function draftChange(scene: Scene, decision: Decision): Change {
  const { resource, after, fields, why, observed, held, id } = decision;
  const rules = scene.rules(resource.provider, resource.kind);
  const frame = frameOf(scene, resource);
  if (decision.verdict === 'create' || decision.verdict === 'replace') {
    const replace = decision.verdict === 'replace';
    return {
      ...frame,
      key: `create ${resource.address}`,
      action: 'create',
      before: null,
      after: planSpec(after),
      fields: [...fields],
      ...(replace ? { replaces: `delete ${held?.record.key ?? ''}` } : movedFrom(decision)),
      risk: replace ? replaceRisk(rules, fields) : 'create',
      inverse: simpleInverse('create'),
      why,
    };
  }
  const adopt = decision.verdict === 'adopt';
  return {
    ...frame,
    key: `${decision.verdict} ${resource.address}`,
    action: adopt ? 'adopt' : 'update',
    ...(id === undefined ? {} : { id }),
    before: formerSpec(held?.record ?? null, { rules, fields, observed }),
    after: planSpec(after),
    fields: [...fields],
    ...movedFrom(decision),
    ...(held === undefined || held.record.protect === resource.protect ? {} : { wasProtected: held.record.protect }),
    risk: updateRisk(fields),
    inverse: adopt ? adoptInverse(fields) : updateInverse(fields, rules),
    why,
    ...fingerprint(observed),
  };
}

/** The change that deletes a recorded object. */
export function draftDelete(scene: Scene, record: RecordedObject, farewell: Farewell): Change {
  const rules = scene.rules(record.provider, record.kind) ?? rulesOf(record.kind, undefined);
  const observed = scene.sight.find(record.provider, record.kind, record.id);
  const gone = observed === undefined && scene.sight.complete(record.provider);
  const before = formerSpec(record, { rules, fields: [], observed });
  const risk = rules?.kind.holdsData === false ? (farewell.successor === null ? 'destroy' : 'replace') : 'data-loss';
  const at = scene.place(record.address);
  return {
    key: `delete ${record.key}`,
    action: 'delete',
    address: record.address,
    kind: record.kind,
    provider: record.provider,
    id: record.id,
    before,
    after: null,
    fields: [],
    needs: [],
    requires: sortedUnique(record.needs),
    outputs: planSpec(record.outputs),
    risk: gone ? 'none' : risk,
    inverse: deleteInverse(record.kind, reveal(before ?? {}, farewell.successor), rules),
    why: gone ? `${farewell.why}; ${record.provider} no longer has it` : farewell.why,
    ...fingerprint(observed),
    ...(record.protect ? { protect: true } : {}),
    ...(at === undefined || farewell.successor === null ? {} : { at }),
  };
}

/** The change that drops a record and leaves the object alone. */
export function draftForget(record: RecordedObject, why: string): Change {
  return {
    key: `forget ${record.key}`,
    action: 'forget',
    address: record.address,
    kind: record.kind,
    provider: record.provider,
    id: record.id,
    before: planSpec(record.spec),
    after: null,
    fields: [],
    needs: [],
    requires: sortedUnique(record.needs),
    risk: 'none',
    inverse: simpleInverse('forget'),
    why,
  };
}

function frameOf(scene: Scene, resource: Resource) {
  const at = scene.place(resource.address);
  return {
    address: resource.address,
    kind: resource.kind,
    provider: resource.provider,
    needs: [],
    requires: [...resource.needs],
    ...(resource.protect ? { protect: true } : {}),
    ...(at === undefined ? {} : { at }),
  };
}

/** A volume that shrinks loses its data even where its kind would not say so. */
function replaceRisk(rules: KindRules | undefined, fields: readonly FieldChange[]): Change['risk'] {
  const shrinks = fields.some(field => rules?.field(field.path).growOnly === true && field.effect === 'replace');
  return shrinks || rules?.kind.holdsData === true ? 'data-loss' : 'replace';
}

function movedFrom({ held }: Decision): Pick<Change, 'movedFrom'> {
  return held?.movedFrom === undefined ? {} : { movedFrom: held.movedFrom };
}

function fingerprint(observed: Observed | undefined): Pick<Change, 'observed'> {
  return observed === undefined ? {} : { observed: digestOf(pinned(observed)) };
}

/** What was applied last, with what was changed outside since; for an object without a record, what was seen of it. */
function formerSpec(
  record: RecordedObject | null,
  facts: {
    readonly rules: KindRules | undefined;
    readonly fields: readonly FieldChange[];
    readonly observed: Observed | undefined;
  },
): Change['before'] {
  const applied = record?.spec ?? facts.observed?.spec;
  if (applied === undefined) return null;
  const spec: { [field: string]: Json } = { ...applied };
  for (const field of facts.fields) if (field.drift === true) spec[field.path] = field.before;
  for (const field of Object.keys(spec)) {
    if (facts.rules?.field(field).writeOnly === true) spec[field] = hidden(spec[field] as Json);
  }
  return planSpec(spec);
}
