import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Finding } from '../schemas/plan.ts';
import { type Decision, placed } from './decision.ts';
import type { RecordGraph } from './record-graph.ts';
import type { Scene } from './scene.ts';

/** What is deleted, and which deletions must not wait for anything that is created. */
export interface Modes {
  /** Addresses that are replaced new one first. */
  readonly createFirst: ReadonlySet<Address>;
  /** Keys of records whose deletion comes before every create and update: the old of delete-first replacements, what has to make room for others, and what rests on them. */
  readonly urgent: ReadonlySet<string>;
  /** Addresses of new objects with the keys of the records whose deletion they wait for: they get what those have. */
  readonly handovers: ReadonlyMap<Address, readonly string[]>;
}

/**
 * Chooses for every replacement which half comes first. An object that rests on one that is deleted before its successor
 * exists must itself be deleted before, or the two would wait for each other.
 */
export function chooseModes(
  scene: Scene,
  parts: {
    readonly replaced: readonly Decision[];
    readonly removed: readonly RecordedObject[];
    readonly handovers: Modes['handovers'];
    readonly graph: RecordGraph;
    readonly findings: Finding[];
  },
): Modes {
  const byKey = new Map<string, Decision>();
  for (const decision of parts.replaced) if (decision.held !== undefined) byKey.set(decision.held.record.key, decision);
  const going = new Set([...byKey.keys(), ...parts.removed.map(record => record.key)]);
  const wanted = new Set<Address>();
  const queue: string[] = [];
  for (const [key, decision] of byKey) {
    if (wantsCreateFirst(scene, decision, parts.findings)) wanted.add(decision.resource.address);
    else queue.push(key);
  }
  for (const key of [...parts.handovers.values()].flat()) {
    queue.push(key);
    const address = byKey.get(key)?.resource.address;
    if (address !== undefined) wanted.delete(address);
  }
  const urgent = new Set(queue);
  for (let at = 0; at < queue.length; at += 1) {
    for (const dependant of parts.graph.dependants(queue[at] as string)) {
      if (!going.has(dependant) || urgent.has(dependant)) continue;
      urgent.add(dependant);
      queue.push(dependant);
      const address = byKey.get(dependant)?.resource.address;
      if (address !== undefined) wanted.delete(address);
    }
  }
  return { createFirst: wanted, urgent, handovers: parts.handovers };
}

/** A broken object is cleared away first; otherwise the resource decides, within what its kind and cloud allow. */
function wantsCreateFirst(scene: Scene, { resource, broken, fields }: Decision, findings: Finding[]): boolean {
  if (broken === true || resource.replace === 'delete-first') return false;
  const allowed = scene.rules(resource.provider, resource.kind)?.createFirst === true;
  const elsewhere = fields.some(field => field.path === 'provider');
  if (resource.replace === 'create-first' && !allowed && !elsewhere) {
    findings.push({
      level: 'warning',
      id: 'PR-CREATE-FIRST',
      address: resource.address,
      what: `${resource.address} is deleted before it is created again, although the files ask for the opposite`,
      why: `${resource.provider} cannot have two of this ${resource.kind} at once`,
      ...placed(scene, resource.address),
    });
  }
  return allowed || elsewhere;
}
