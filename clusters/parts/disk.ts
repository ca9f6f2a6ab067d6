import type { TemplatePlace, TemplateResource } from '../../schemas/cluster.ts';
import type { Name } from '../../schemas/name.ts';
import { wordsOf } from './drivers.ts';
import type { Ground } from './fields.ts';
import { zoned } from './ground.ts';
import type { ServicesOf } from './nodes.ts';

/** A disk of its own for the data of a server. */
export interface Disk {
  readonly server: Name;
  readonly sizeGib: number;
  /** Where it is mounted; without `-`. */
  readonly path: string;
}

/** The volume, where the cloud has disks that a server can mount. */
export function volumeOf(
  disk: Disk,
  { ground, place }: { ground: Ground; place: TemplatePlace },
): readonly TemplateResource[] {
  if (!wordsOf(place.driver).disks) return [];
  const { server, sizeGib } = disk;
  return [{ kind: 'volume', name: server, fields: { sizeGib, server, ...zoned(ground) } }];
}

/** The service that mounts it. */
export function mountOf({ server, path }: Disk, { driver }: TemplatePlace): ServicesOf {
  if (!wordsOf(driver).disks) return {};
  const data = { path, mode: '0755', device: `\${volume.${server}.device}` };
  return { 'local-storage': { volumes: { data } } };
}
