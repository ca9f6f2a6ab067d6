import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import type { Observations } from '../schemas/provider.ts';

/**
 * Objects that one and the same create of ours made a second time: a proxy sent the request twice to a cloud that does
 * not tell two creates apart. The operation in the label proves whose they are. What is attached to something is left
 * to a person. Also one that is being deleted counts: nobody knows whether the deletion that runs will succeed.
 */
export function findSurplus(recorded: Recorded, observations: Observations): readonly RecordedObject[] {
  const known = new Set([...recorded.objects.values()].map(one => `${one.provider} ${one.kind} ${one.id}`));
  const surplus: RecordedObject[] = [];
  for (const [provider, observation] of Object.entries(observations)) {
    if (observation.status !== 'complete') continue;
    for (const { kind, id, owner, attached, outputs, spec } of observation.objects) {
      if (owner === null || owner.lineage !== recorded.lineage || attached) continue;
      if (known.has(`${provider} ${kind} ${id}`)) continue;
      const twin = recorded.objects.get(owner.address);
      if (twin === undefined || twin.opId !== owner.opId || twin.protect) continue;
      surplus.push({ ...twin, key: `${twin.address}#${id}`, id, spec, outputs, needs: [] });
    }
  }
  return surplus;
}
