import { plainWants } from './difference.ts';
import type { Scene } from './draft.ts';
import type { DaemonFacts, HostFacts, PackageFacts, PathFacts } from './facts.ts';
import { probeOf } from './look.ts';
import { type Errand, markerOf } from './mark.ts';
import { packageAstray } from './packages.ts';
import { stampOf } from './releases.ts';
import { textDigest } from './written.ts';

/** The host as it is when a run of the service has finished: what the next look sees when nobody touches it. */
export function hostAfter(scene: Scene, errand: Errand): HostFacts {
  const { facts } = scene;
  const packages: { [name: string]: PackageFacts | null } = { ...facts.packages };
  const paths: { [path: string]: PathFacts | null } = { ...facts.paths };
  const users: { [name: string]: readonly string[] | null } = { ...facts.users };
  const daemons: { [unit: string]: DaemonFacts } = { ...facts.daemons };
  const releases = { ...facts.releases };
  const tasks: { [probe: string]: boolean | null } = { ...facts.tasks };
  for (const { shown, real } of plainWants(scene.wants)) {
    if (shown.is === 'package' && packageAstray(shown, packages[shown.name]) !== null)
      packages[shown.name] = { version: (shown.version ?? '1').replace(/\*$/, '1'), state: 'installed' };
    if (shown.is === 'user') users[shown.name] = [shown.name, ...(shown.groups ?? [])];
    if (shown.is === 'absent') paths[shown.path] = null;
    if (shown.is === 'link')
      paths[shown.path] = { type: 'link', mode: 0o777, owner: 'root', group: 'root', to: shown.to };
    if (shown.is === 'directory') paths[shown.path] = { type: 'directory', ...rights(shown, shown.mode) };
    if (shown.is === 'file' && real.is === 'file')
      paths[shown.path] = {
        type: 'file',
        ...rights(shown, shown.mode ?? 0o644),
        sha256: textDigest(real.text),
        text: shown.text,
      };
    if (shown.is === 'daemon')
      daemons[shown.unit] =
        shown.state === 'stopped'
          ? { active: 'inactive', enabled: 'disabled' }
          : { active: 'active', enabled: 'enabled' };
    if (shown.is === 'release') releases[shown.name] = { stamp: stampOf(shown, facts), intact: true };
    if (shown.is === 'task') tasks[probeOf(shown)] = true;
  }
  const markers = { ...facts.markers, [scene.service]: markerOf(scene, errand) };
  return { ...facts, packages, paths, users, daemons, releases, tasks, markers };
}

function rights(
  { owner = 'root', group = 'root' }: { readonly owner?: string; readonly group?: string },
  mode: number,
): Omit<PathFacts, 'type'> {
  return { mode, owner, group };
}
