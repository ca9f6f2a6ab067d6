import { canonical } from '../schemas/json.ts';
import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address, KindName } from '../schemas/name.ts';
import type { Spec } from '../schemas/resource.ts';
import type { Decision } from './decision.ts';
import type { Scene } from './scene.ts';
import { addTo } from './sort.ts';

/**
 * Who gets what somebody else still has: addresses of new objects, each with the keys of the records that must go
 * before, because no two objects have the same value of an exclusive field at once.
 */
export function handovers(
  scene: Scene,
  { acting, going }: { readonly acting: readonly Decision[]; readonly going: readonly RecordedObject[] },
): ReadonlyMap<Address, readonly string[]> {
  const had = new Map<string, string[]>();
  for (const { key, ...record } of going) for (const value of exclusive(scene, record)) addTo(had, value, key);
  const found = new Map<Address, readonly string[]>();
  if (had.size === 0) return found;
  for (const { verdict, resource, after } of acting) {
    if (verdict !== 'create' && verdict !== 'replace') continue;
    const { provider, kind, address } = resource;
    const keys = exclusive(scene, { provider, kind, spec: after }).flatMap(value => had.get(value) ?? []);
    if (keys.length > 0) found.set(address, keys);
  }
  return found;
}

/** What an object has alone, as texts that are equal for equal values. */
function exclusive(
  scene: Scene,
  { provider, kind, spec }: { readonly provider: string; readonly kind: KindName; readonly spec: Spec },
): readonly string[] {
  const fields = scene.rules(provider, kind)?.exclusive ?? [];
  return fields.flatMap(field =>
    spec[field] === undefined ? [] : [`${provider} ${kind} ${field} ${canonical(spec[field])}`],
  );
}
