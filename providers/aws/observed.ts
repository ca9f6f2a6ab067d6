import { type Owner, ownerOf } from '../../schemas/owner.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Observed } from '../../schemas/provider.ts';
import type { Sighting } from './kind.ts';
import { TAG, shownLabels } from './tags.ts';

/** What was seen, as the engine knows objects. */
export function observedOf(kind: KindName, seen: Sighting): Observed {
  return {
    kind,
    id: seen.id,
    name: seen.tags[TAG.name] ?? seen.nativeName,
    spec: { ...seen.spec, labels: shownLabels(seen.tags) },
    outputs: { id: seen.id, ...seen.outputs },
    owner: ownerOf(seen.tags),
    phase: seen.phase,
    protected: isProtected(seen),
    createdAt: seen.createdAt,
    attached: seen.attached,
  };
}

export function isProtected(seen: Sighting): boolean {
  return seen.tags[TAG.protected] === 'true';
}

/** It carries the labels of the same workspace and state chain. */
export function isOurs(seen: Sighting, owner: Owner): boolean {
  const found = ownerOf(seen.tags);
  return found !== null && found.workspace === owner.workspace && found.lineage === owner.lineage;
}
