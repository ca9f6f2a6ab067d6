import type { JsonObject } from '../json.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import type { Inventory } from '../provider.ts';
import type { Resource } from '../resource.ts';
import type { Workspace } from '../workspace.ts';
import { type Instance, type Instances, locateIn } from './instance.ts';
import type { Place, Sink } from './sink.ts';
import type { Drivers } from './workspace-file.ts';

interface Facts {
  readonly drivers: Drivers;
  readonly providers: Workspace['providers'];
  readonly instances: Instances;
  readonly sink: Sink;
}

/** Who has a thing already, and where that is written. */
type Taken = Map<string, { readonly resource: Resource; readonly place: Place }>;

/**
 * Gives every resource that names a thing of an inventory what the inventory says of it, so that a change of one is a
 * change of the other. States which names are unknown, and which thing two resources name.
 */
export function withInventory(resources: readonly Resource[], facts: Facts): readonly Resource[] {
  const taken: Taken = new Map();
  const lists = new Map<string, ReturnType<Inventory['listed']>>();
  return resources.map(resource => {
    const entry = facts.providers[resource.provider];
    const inventory = entry === undefined ? undefined : facts.drivers[entry.driver]?.inventory;
    if (entry === undefined || inventory?.kind !== resource.kind) return resource;
    const listed = lists.get(resource.provider) ?? inventory.listed(entry.config);
    lists.set(resource.provider, listed);
    const thing = found(resource, { ...facts, inventory, listed, taken });
    if (thing === undefined) return resource;
    const spec = { ...resource.spec, [inventory.word]: thing } as Resource['spec'];
    return { ...resource, spec };
  });
}

function found(
  resource: Resource,
  facts: Facts & {
    readonly inventory: Inventory;
    readonly listed: ReturnType<Inventory['listed']>;
    readonly taken: Taken;
  },
): JsonObject | undefined {
  const { inventory, listed, taken, instances, sink } = facts;
  const { field, word } = inventory;
  const { address, provider, spec } = resource;
  const name = spec[field];
  const place = locateIn(instances.all.get(address) as Instance, [field]);
  const id = `WS-${word.toUpperCase()}`;
  if (typeof name !== 'string') {
    const why = `which ${word} it is must be known before anything is done`;
    sink.error(place, { id, what: `${address} ${field} must name a ${word} of ${provider}`, why });
    return undefined;
  }
  const thing = Object.hasOwn(listed, name) ? listed[name] : undefined;
  if (thing === undefined) {
    const known = Object.keys(listed);
    const guess = nearest(name, known);
    sink.error(place, {
      id,
      what: `${address}: provider ${provider} has no ${word} "${showText(name)}"`,
      why: known.length === 0 ? `it has no ${word} at all` : `known: ${known.toSorted().slice(0, 20).join(', ')}`,
      fix:
        guess === undefined
          ? `list it under \`${word}s\` of ${provider} in the workspace file`
          : `did you mean \`${guess}\`?`,
    });
    return undefined;
  }
  const first = taken.get(thing.identity);
  if (first !== undefined) {
    sink.error(place, {
      id,
      also: [first.place],
      what: `${address} and ${first.resource.address} are the same ${word}: ${thing.identity}`,
      why: `a ${word} is one ${resource.kind}`,
      fix: `give one of them another ${word}`,
    });
    return undefined;
  }
  taken.set(thing.identity, { resource, place });
  return thing.facts;
}
