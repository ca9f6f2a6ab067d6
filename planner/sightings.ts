import type { Recorded } from '../schemas/checkpoint.ts';
import type { Address, KindName } from '../schemas/name.ts';
import type { Observations, Observed } from '../schemas/provider.ts';
import { addTo, byText } from './sort.ts';

/** An object that carries our label, at a provider. */
export interface Sighting {
  readonly provider: string;
  readonly observed: Observed;
}

/** What was seen, indexed. Absence counts only where `complete` says so. */
export interface Sightings {
  complete(provider: string): boolean;
  find(provider: string, kind: KindName, id: string): Observed | undefined;
  /** Key of the record of an object; undefined when it stands in no record. */
  recordOf(provider: string, kind: KindName, id: string): string | undefined;
  /** Labelled as this workspace of this lineage, not recorded, and not what an open intent made. Sorted. */
  readonly strays: readonly Sighting[];
  straysOf(provider: string, address: Address): readonly Observed[];
  /** Labelled with this workspace's name by another lineage. Sorted. */
  readonly foreign: readonly Sighting[];
}

/** Indexes the observations of every provider that answered completely. */
export function sightingsOf(observations: Observations, recorded: Recorded): Sightings {
  const found = new Index<Observed>();
  const strays: Sighting[] = [];
  const foreign: Sighting[] = [];
  const known = recordedIds(recorded);
  const pending = new Set([...recorded.intents.values()].map(intent => intent.opId));
  for (const provider of Object.keys(observations).sort(byText)) {
    const observation = observations[provider];
    if (observation?.status !== 'complete') continue;
    for (const observed of observation.objects) {
      found.set(provider, observed, observed);
      const owner = observed.owner;
      if (owner === null || owner.workspace !== recorded.workspace) continue;
      if (owner.lineage !== recorded.lineage) foreign.push({ provider, observed });
      else if (known.get(provider, observed.kind, observed.id) === undefined && !pending.has(owner.opId))
        strays.push({ provider, observed });
    }
  }
  const byAddress = strayIndex(strays);
  return {
    complete: provider => observations[provider]?.status === 'complete',
    find: (provider, kind, id) => found.get(provider, kind, id),
    recordOf: (provider, kind, id) => known.get(provider, kind, id),
    strays: strays.sort(bySighting),
    straysOf: (provider, address) => byAddress.get(`${provider} ${address}`) ?? [],
    foreign: foreign.sort(bySighting),
  };
}

/** Values by provider, kind and id, without making a text of the three for every object. */
class Index<T> {
  private readonly providers = new Map<string, Map<KindName, Map<string, T>>>();

  set(provider: string, { kind, id }: { readonly kind: KindName; readonly id: string }, value: T): void {
    const kinds = this.providers.get(provider) ?? new Map<KindName, Map<string, T>>();
    this.providers.set(provider, kinds);
    const ids = kinds.get(kind) ?? new Map<string, T>();
    kinds.set(kind, ids);
    ids.set(id, value);
  }

  get(provider: string, kind: KindName, id: string): T | undefined {
    return this.providers.get(provider)?.get(kind)?.get(id);
  }
}

/** One text for an object at a provider. */
export function idKey(provider: string, kind: KindName, id: string): string {
  return `${provider} ${kind} ${id}`;
}

function recordedIds(recorded: Recorded): Index<string> {
  const ids = new Index<string>();
  for (const object of recorded.objects.values()) ids.set(object.provider, object, object.key);
  return ids;
}

function strayIndex(strays: readonly Sighting[]): Map<string, Observed[]> {
  const byAddress = new Map<string, Observed[]>();
  for (const { provider, observed } of strays) {
    if (observed.owner !== null) addTo(byAddress, `${provider} ${observed.owner.address}`, observed);
  }
  for (const list of byAddress.values()) list.sort((a, b) => byText(a.id, b.id));
  return byAddress;
}

function bySighting(a: Sighting, b: Sighting): number {
  return (
    byText(a.observed.owner?.address ?? '', b.observed.owner?.address ?? '') ||
    byText(idKey(a.provider, a.observed.kind, a.observed.id), idKey(b.provider, b.observed.kind, b.observed.id))
  );
}
