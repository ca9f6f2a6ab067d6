import type { Address } from '../name.ts';
import { eachRef, type Resource, splitRef } from '../resource.ts';
import { cycles } from './cycles.ts';
import { type Instance, type Instances, locateIn } from './instance.ts';
import { checkRanges } from './ranges.ts';
import type { Place, Sink } from './sink.ts';

/** A cycle of more resources than this is shown in part. */
const EDGES_SHOWN = 20;

/** What can only be judged when every resource is known: cycles, and address ranges against each other. */
export function checkWhole(resources: readonly Resource[], instances: Instances, sink: Sink): void {
  checkRanges(resources, instances, sink);
  const needs = new Map(resources.map(resource => [resource.address, resource.needs] as const));
  const found = cycles(needs);
  if (found.length > 0) reportCycles(found, { resources, instances, sink });
}

function reportCycles(
  found: readonly (readonly Address[])[],
  {
    resources,
    instances,
    sink,
  }: { readonly resources: readonly Resource[]; readonly instances: Instances; readonly sink: Sink },
): void {
  const byAddress = new Map(resources.map(resource => [resource.address, resource] as const));
  for (const cycle of found) {
    const places = cycle
      .slice(0, EDGES_SHOWN)
      .map((address, index) =>
        edgePlace(address, cycle[(index + 1) % cycle.length] as Address, { byAddress, instances }),
      );
    const [first] = places;
    const edges = cycle.slice(0, EDGES_SHOWN).map((address, index) => {
      const { file, line } = sink.positionOf(places[index] as Place);
      return `${address} (${file}:${line})`;
    });
    const left = cycle.length - edges.length;
    if (left > 0) edges.push(`${left} more`);
    sink.error(first, {
      id: 'WS-CYCLE',
      what: `resources need each other in a circle: ${[...edges, cycle[0]].join(' -> ')}`,
      why: 'none of them could be created first',
      fix: 'take one of the references out',
    });
  }
}

/** Where a resource names another one: the reference in its fields, the entry under `needs`, or its name. */
function edgePlace(
  from: Address,
  to: Address,
  { byAddress, instances }: { readonly byAddress: ReadonlyMap<Address, Resource>; readonly instances: Instances },
): Place {
  const instance = instances.all.get(from) as Instance;
  let path: readonly string[] | undefined;
  eachRef(byAddress.get(from)?.spec ?? {}, (ref, at) => {
    if (path === undefined && splitRef(ref).address === to) path = at;
  });
  return locateIn(instance, path ?? ['needs']);
}
