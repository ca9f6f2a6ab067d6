import { type Described, objectKey } from '../../schemas/export/existing.ts';
import { type Address, addressOf, kindOf, type Name, nameOf } from '../../schemas/name.ts';
import type { ImportPlace } from './place.ts';

/** What a workspace says before anything is imported, with the ids that need no second description. */
export interface DescribedHere extends Described {
  /** `objectKey` of every object that the files name or the record has. */
  readonly ids: ReadonlySet<string>;
}

/** Indexes the files and the record of a place. */
export function describedBy({ workspace, recorded }: Pick<ImportPlace, 'workspace' | 'recorded'>): DescribedHere {
  const taken = new Set<Address>();
  const addresses = new Map<string, Address>();
  const ids = new Set<string>();
  const present = new Set(workspace.resources.map(resource => resource.address));
  for (const { address, provider, kind, adopt } of workspace.resources) {
    for (const name of startsOf(nameOf(address))) taken.add(addressOf(kindOf(address), name));
    if (adopt === undefined) continue;
    const key = objectKey({ provider, kind, id: adopt });
    ids.add(key);
    addresses.set(key, address);
  }
  for (const object of recorded.objects.values()) {
    const { address } = object;
    taken.add(address);
    ids.add(objectKey(object));
    if (object.key === address && present.has(address)) addresses.set(objectKey(object), address);
  }
  for (const { from, to } of workspace.moved) taken.add(from).add(to);
  for (const address of workspace.forget) taken.add(address);
  return { taken, addresses, ids };
}

/** A name and what it starts with: `web-1` may come from a repeated `web`, so that `web` is not free either. */
function startsOf(name: Name): Name[] {
  const words = name.split('-');
  return words.map((_, index) => words.slice(0, index + 1).join('-'));
}
