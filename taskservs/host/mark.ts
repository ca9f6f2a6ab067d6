import type { Owner } from '../../schemas/owner.ts';
import type { HostAct } from './act.ts';
import { daemonDigest } from './daemons.ts';
import { plainWants, taskDigest } from './difference.ts';
import type { Scene } from './draft.ts';
import { guarded } from './guard.ts';
import { digest, type Journal, journalPath, type Marker, markerPath, whose } from './marker.ts';
import type { ServiceSpec } from './parameters.ts';
import { runFolder } from './run.ts';
import { madeOf, textDigest } from './written.ts';

/** What a run is for. */
export interface Errand {
  readonly owner: Owner;
  readonly protect: boolean;
  /** Secrets by reference. */
  readonly spec: ServiceSpec;
  readonly version: string | null;
  readonly endpoint: string | null;
}

/** The marker that a run leaves when it has finished. */
export function markerOf(scene: Scene, { owner, protect, spec, version, endpoint }: Errand): Marker {
  const plain = plainWants(scene.wants);
  const files: { [path: string]: Marker['files'][string] } = {};
  const tasks: { [title: string]: string } = {};
  const daemons: { [unit: string]: string } = {};
  for (const { shown, real } of plain) {
    if (shown.is === 'file' && real.is === 'file')
      files[shown.path] = {
        template: digest(shown.text),
        text: textDigest(real.text),
        ...(scene.isSecret(shown) ? { shown: scene.show(shown.text) } : {}),
      };
    if (shown.is === 'task') tasks[shown.title] = taskDigest(shown);
    if (shown.is === 'daemon') daemons[shown.unit] = daemonDigest(plain, shown);
  }
  return {
    format: 1,
    service: scene.service,
    ...whose(owner),
    protect,
    ...(scene.isRisky ? { isRisky: true } : {}),
    spec: spec as Marker['spec'],
    version,
    endpoint,
    made: plain.filter(({ shown }) => shown.is !== 'verify').map(({ shown }) => madeOf(shown)),
    files,
    tasks,
    daemons,
    brought: [...broughtBy(scene)],
    data: [...scene.data],
  };
}

/** Packages, users, files and links that were not there before this service, and daemons that did not run. */
function broughtBy({ service, wants, facts }: Scene): readonly string[] {
  const brought = new Set([...(facts.markers[service]?.brought ?? []), ...(facts.journals[service]?.brought ?? [])]);
  for (const { shown } of plainWants(wants)) {
    if (shown.is === 'package' && (facts.packages[shown.name] ?? null) === null) brought.add(`package ${shown.name}`);
    if (shown.is === 'user' && (facts.users[shown.name] ?? null) === null) brought.add(`user ${shown.name}`);
    if ((shown.is === 'file' || shown.is === 'link') && (facts.paths[shown.path] ?? null) === null)
      brought.add(`${shown.is} ${shown.path}`);
    if (shown.is === 'daemon' && facts.daemons[shown.unit]?.active !== 'active') brought.add(`daemon ${shown.unit}`);
  }
  return [...brought].sort();
}

/** A whole run: the journal first, the acts, and the marker last. */
export function runOf(scene: Scene, acts: readonly HostAct[], errand: Errand): readonly HostAct[] {
  const journal: Journal = { format: 1, ...whose(errand.owner), brought: [...broughtBy(scene)] };
  const { service, facts } = scene;
  const touched = {
    service,
    run: runFolder(service, errand.owner.opId),
    items: plainWants(scene.wants).map(({ shown }) => shown),
    made: facts.markers[service]?.made ?? [],
  };
  return [
    kept('write down what was here', journalPath(service), journal),
    ...(scene.isRisky ? guarded(acts, touched) : acts),
    kept('write down what is here', markerPath(service), markerOf(scene, errand)),
    remove('close the journal', journalPath(service)),
  ];
}

/** A whole removal by this operation: the marker goes last. */
export function removalOf(marker: Marker, acts: readonly HostAct[], opId: string): readonly HostAct[] {
  const { service, made } = marker;
  const touched = { service, run: runFolder(service, opId), items: [], made };
  return [
    ...(marker.isRisky === true ? guarded(acts, touched) : acts),
    remove('forget the service', markerPath(service), journalPath(service)),
  ];
}

function kept(title: string, path: string, value: unknown): HostAct {
  return {
    do: 'put',
    title,
    path,
    text: `${JSON.stringify(value)}\n`,
    mode: 0o600,
    owner: 'root',
    group: 'root',
    isOurs: true,
  };
}

function remove(title: string, ...paths: readonly string[]): HostAct {
  return { do: 'run', title, argv: ['rm', '-f', '--', ...paths], isOurs: true };
}
