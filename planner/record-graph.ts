import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Json } from '../schemas/json.ts';
import type { Address } from '../schemas/name.ts';
import type { RulesOf } from './scene.ts';
import { addTo, sortedBy } from './sort.ts';
import { topology } from './topology.ts';

/** What rests on what among the recorded objects, by record key. It has no cycle. */
export interface RecordGraph {
  /** Records that rest on this one: they must be gone, or point elsewhere, before it is deleted. Sorted. */
  dependants(key: string): readonly string[];
}

/**
 * The graph of the record: what each object needed when it was applied, and whose id it carries in its spec. The second
 * holds also where the first went out of date by renames, or names a successor. Circles, which can only come from outdated needs, are cut.
 */
export function recordGraph(
  objects: Iterable<RecordedObject>,
  options: { readonly rules: RulesOf; readonly today: (address: Address) => Address },
): RecordGraph {
  const records = sortedBy(objects, record => record.key);
  const index = indexRecords(records, options.today);
  const needs = records.map((record, at) => [...neededBy(record, index, options)].filter(needed => needed !== at));
  const { order } = topology(needs);
  const position = new Int32Array(records.length);
  order.forEach((at, place) => {
    position[at] = place;
  });
  const dependants = new Map<string, string[]>();
  needs.forEach((list, at) => {
    for (const needed of list) {
      if ((position[needed] ?? 0) > (position[at] ?? 0)) continue;
      addTo(dependants, (records[needed] as RecordedObject).key, (records[at] as RecordedObject).key);
    }
  });
  return { dependants: key => dependants.get(key) ?? [] };
}

interface RecordIndex {
  readonly byAddress: ReadonlyMap<Address, number>;
  readonly byId: ReadonlyMap<string, number>;
}

function indexRecords(records: readonly RecordedObject[], today: (address: Address) => Address): RecordIndex {
  const byAddress = new Map<Address, number>();
  const byId = new Map<string, number>();
  records.forEach((record, at) => {
    if (record.key === record.address) byAddress.set(today(record.address), at);
    byId.set(`${record.provider} ${record.kind} ${record.id}`, at);
  });
  return { byAddress, byId };
}

function neededBy(
  record: RecordedObject,
  index: RecordIndex,
  { rules, today }: { readonly rules: RulesOf; readonly today: (address: Address) => Address },
): Set<number> {
  const needed = new Set<number>();
  for (const address of record.needs) {
    const at = index.byAddress.get(today(address));
    if (at !== undefined) needed.add(at);
  }
  const known = rules(record.provider, record.kind);
  for (const field of Object.keys(record.spec)) {
    const kind = known?.field(field).ref;
    if (kind === undefined) continue;
    for (const id of idsIn(record.spec[field])) {
      const at = index.byId.get(`${record.provider} ${kind} ${id}`);
      if (at !== undefined) needed.add(at);
    }
  }
  return needed;
}

function idsIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value)
    ? (value as readonly Json[]).filter((item): item is string => typeof item === 'string')
    : [];
}
