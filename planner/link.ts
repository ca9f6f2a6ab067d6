import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Change } from '../schemas/plan.ts';
import type { Decision } from './decision.ts';
import type { Modes } from './modes.ts';
import type { RecordGraph } from './record-graph.ts';
import { sortedUnique } from './sort.ts';

/** A drafted change with what it does it for. */
export interface Draft {
  readonly change: Change;
  /** The decision it makes true; absent on deletions and forgotten records. */
  readonly decision?: Decision;
  /** The record it deletes. */
  readonly deletes?: RecordedObject;
}

/** By key of a record that goes with its server: key of the change that deletes the server. */
export type Company = ReadonlyMap<string, string>;

/**
 * Fills in `needs`. Three rules: whatever makes or changes an object comes after what makes or changes the things it
 * needs; an object goes after everything that rests on it has gone or was pointed elsewhere; and the halves of a
 * replacement come in the chosen order. Urgent deletions wait for other deletions only, so there can be no circle.
 * What goes with its server comes after that and is waited for by nobody; the server waits for what waited for it.
 */
export function linkChanges(
  drafts: readonly Draft[],
  facts: { readonly modes: Modes; readonly graph: RecordGraph; readonly company: Company },
): Change[] {
  const keys = indexKeys(drafts);
  return drafts.map(({ change, decision, deletes }) => {
    const server = deletes === undefined ? undefined : facts.company.get(deletes.key);
    if (server !== undefined) return withServer(change, server);
    const needs = [
      ...(decision === undefined ? [] : needsOfMaking(change, decision, { ...facts, keys })),
      ...(deletes === undefined ? [] : needsOfDeleting(deletes, { ...facts, keys })),
    ];
    return needs.length === 0 ? change : { ...change, needs: sortedUnique(needs) };
  });
}

function withServer(change: Change, server: string): Change {
  const name = server.slice('delete '.length);
  return { ...change, needs: [server], goesWith: server, why: `${change.why}; it goes with ${name}` };
}

interface Keys {
  /** Key of the change that makes or changes a resource, by address. */
  readonly making: ReadonlyMap<Address, string>;
  /** Key of the change that deletes a record, by record key. */
  readonly deleting: ReadonlyMap<string, string>;
  /** Key of the change that updates a record in place, by record key. */
  readonly updating: ReadonlyMap<string, string>;
  /** Key of the create that replaces a record, by record key. */
  readonly succeeding: ReadonlyMap<string, string>;
  /** Addresses that get back an object that is still there. Nothing waits for that, but it waits until the address is free. */
  readonly restoring: ReadonlySet<Address>;
}

interface Facts {
  readonly modes: Modes;
  readonly graph: RecordGraph;
  readonly company: Company;
  readonly keys: Keys;
}

function indexKeys(drafts: readonly Draft[]): Keys {
  const making = new Map<Address, string>();
  const deleting = new Map<string, string>();
  const updating = new Map<string, string>();
  const succeeding = new Map<string, string>();
  const restoring = new Set<Address>();
  for (const { change, decision, deletes } of drafts) {
    if (deletes !== undefined) deleting.set(deletes.key, change.key);
    if (decision === undefined) continue;
    if (change.movedFrom?.includes('#') === true) restoring.add(change.address);
    making.set(change.address, change.key);
    const record = decision.held?.record.key;
    if (record === undefined) continue;
    if (change.action === 'update') updating.set(record, change.key);
    else if (change.replaces !== undefined) succeeding.set(record, change.key);
  }
  return { making, deleting, updating, succeeding, restoring };
}

function needsOfMaking(change: Change, { resource }: Decision, { modes, keys }: Facts): string[] {
  const needs: string[] = [];
  for (const address of resource.needs) {
    const key = keys.making.get(address);
    if (key !== undefined && key !== change.key && !keys.restoring.has(address)) needs.push(key);
  }
  for (const record of modes.handovers.get(resource.address) ?? []) pushKnown(needs, keys.deleting.get(record));
  const rival = keys.restoring.has(resource.address) ? keys.deleting.get(resource.address) : undefined;
  if (rival !== undefined) needs.push(rival);
  if (change.replaces !== undefined && !modes.createFirst.has(resource.address)) needs.push(change.replaces);
  return needs;
}

function needsOfDeleting(record: RecordedObject, { modes, graph, company, keys }: Facts): string[] {
  const needs: string[] = [];
  const urgent = modes.urgent.has(record.key);
  const going = new Set([record.key]);
  for (const key of going) {
    for (const dependant of graph.dependants(key)) {
      const deletion = keys.deleting.get(dependant);
      if (company.has(dependant)) going.add(dependant);
      else if (deletion !== undefined) needs.push(deletion);
      else if (!urgent) pushKnown(needs, keys.updating.get(dependant));
    }
    if (!urgent) pushKnown(needs, keys.succeeding.get(key));
  }
  return needs;
}

function pushKnown(list: string[], value: string | undefined): void {
  if (value !== undefined) list.push(value);
}
