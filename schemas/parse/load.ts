/**
 * Text of workspace files to the desired state. docs/workspace-files.md describes the format; in short:
 *
 * - `workspace.yaml` (or .yml, .toml, .json): name, providers, settings (schema `WorkspaceFile`).
 * - `infra/**`: maps by kind, then by name, then fields; `moved` and `forget` beside the kinds.
 * - `clusters/**`: maps by template, then by name, then fields; they become resources.
 * - `taskservs/<name>/service.yaml`: a task service of its own (schema `ServiceFile`).
 * - `config/defaults.*`, then `config/<env>-defaults.*`: fields by kind, `taskservs`, `clusters`, and `vars`.
 *
 * A load is all or nothing: it states everything that is wrong in one Fault, or yields a workspace in which every
 * reference has a target.
 */
import type { ClusterTemplates } from '../cluster.ts';
import { Fault } from '../fault.ts';
import { LIMITS } from '../limits.ts';
import type { Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { eachRef, type Resource, splitRef } from '../resource.ts';
import { upstreamOf } from '../upstream.ts';
import { type Loaded, type Workspace, type WorkspaceFile, workspaceKey } from '../workspace.ts';
import { expandClusters } from './clusters.ts';
import { collect, type Names } from './declarations.ts';
import { ENDINGS, endingOf, parseFile } from './document.ts';
import { TooLarge } from './evaluate.ts';
import { type Instance, type Instances, locateIn } from './instance.ts';
import { expand } from './instances.ts';
import { withInventory } from './inventory.ts';
import { type Layer, layerPaths, readLayer } from './layers.ts';
import { metaOf } from './meta.ts';
import { checkWhole } from './whole.ts';
import { readMoves } from './moves.ts';
import type { Document } from './node.ts';
import { type OwnServices, isServicePath, readServices } from './own-services.ts';
import { resolvePath } from './references.ts';
import type { SecretEntry } from '../secret.ts';
import type { DeclareService } from '../service-file.ts';
import { listSecrets } from '../sops/listing.ts';
import type { Surroundings } from './scope.ts';
import { neighboursNeeded, type Services } from './services.ts';
import { checkSecrets } from './secrets.ts';
import { createSink, type Sink } from './sink.ts';
import { specOf } from './spec.ts';
import { type Drivers, readProviders, readWorkspaceFile, settingsOf, workspacePath } from './workspace-file.ts';

/** What a load is made from; nothing else decides its outcome. */
export interface LoadInput {
  /** Path relative to the workspace folder, with `/`, to content. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Path of the folder in the repository, '' for its root: places are given from there. */
  readonly prefix: string;
  readonly env: string | null;
  /** Known providers by driver name. */
  readonly drivers: Drivers;
  /** Known task services by name. Without them, parameters are looked at only where they are used. */
  readonly services?: Services;
  /** Reads task services of the workspace. Without it, files under taskservs/ are left alone. */
  readonly declare?: DeclareService;
  /** Cluster templates by name. Without them, files under clusters/ are left alone. */
  readonly templates?: ClusterTemplates;
  /** Files that were read elsewhere, under a deadline; the others are read here. */
  readonly parsed?: ReadonlyMap<string, Document>;
}

/**
 * The desired state of a workspace folder. Pure. Throws Fault `invalid` with everything that is wrong, and Fault `usage`
 * when the environment that was asked for does not exist.
 */
export function loadWorkspace(input: LoadInput): Loaded {
  const sink = createSink(input.prefix);
  checkLimits(input.files, sink);
  sink.finish(input.files.size);
  try {
    return load(input, sink);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    sink.error(undefined, {
      id: 'WS-EXPANDED',
      what: `the workspace expands beyond ${LIMITS.treeBytes >> 20} MiB`,
      why: 'repetition, defaults or variables multiply long values',
      fix: 'shorten the values, or split the workspace',
    });
    sink.finish(input.files.size);
    throw error;
  }
}

/** The files as trees, before anything is concluded from them. */
interface Reading {
  readonly file: WorkspaceFile | undefined;
  readonly env: Name | null;
  readonly providers: Workspace['providers'];
  readonly infra: readonly Document[];
  readonly clusters: readonly Document[];
  readonly layers: readonly Layer[];
  readonly services: OwnServices & { readonly services: Services | undefined };
  readonly count: number;
}

function load(input: LoadInput, sink: Sink): Loaded {
  const { file, env, providers, infra, clusters: documents, layers, services: read, count } = readAll(input, sink);
  const { services, own, flawed: flawedServices } = read;
  const before = sink.count();
  const names: Names = new Map();
  const declared = collect(infra, names, sink);
  const known = {
    workspace: file?.name ?? '',
    env,
    layers,
    services,
    flawedServices,
    secrets: secretsIn(input, sink),
    sink,
    vars: new Map(),
    size: { characters: 0 },
    resolve: resolvePath,
  };
  const { templates = {} } = input;
  const { declarations, clusters } = expandClusters(documents, {
    templates,
    file,
    providers,
    names,
    surroundings: { ...known, clusters: new Map(), instances: undefined },
  });
  // Where a file or a name is broken, what refers to it is not reported as missing.
  const isPartial = [...infra, ...documents].some(({ flaws }) => flaws.length > 0) || sink.count() > before;
  const shared = { ...known, clusters };
  const all = [...declared.declarations, ...declarations];
  const instances = expand(all, { ...shared, instances: undefined }, isPartial);
  const surroundings: Surroundings = { ...shared, instances };
  const described = resourcesOf(instances, file, surroundings);
  const resources = withInventory(described, { drivers: input.drivers, providers, instances, sink });
  const { moved, forget } = readMoves(declared, instances, sink);
  checkWhole(resources, instances, sink);
  sink.finish(count);
  if (file === undefined) throw new Error('a workspace file without problems was not read');
  const { name } = file;
  return {
    workspace: {
      name,
      env,
      key: workspaceKey(name, env),
      settings: settingsOf(file),
      providers,
      resources,
      moved,
      forget,
      ...(Object.keys(own).length === 0 ? {} : { services: own }),
    },
    warnings: sink.warnings(),
    files: count,
    locate(address, path = []) {
      const instance = instances.all.get(address);
      return instance === undefined ? undefined : sink.positionOf(locateIn(instance, path));
    },
  };
}

function readAll(input: LoadInput, sink: Sink): Reading {
  const { files, env: asked, drivers, templates, parsed } = input;
  let count = 0;
  const parse = (path: string): Document => {
    count += 1;
    const document = parsed?.get(path) ?? parseFile(path, files.get(path) ?? new Uint8Array());
    for (const { at, also = [], ...flaw } of document.flaws) {
      sink.error({ document, at }, { ...flaw, also: also.map(other => ({ document, at: other })) });
    }
    checkSecrets(document, sink);
    return document;
  };
  const paths = [...files.keys()].toSorted();
  const filePath = workspacePath(files, sink);
  const document = filePath === undefined ? undefined : parse(filePath);
  const file = document === undefined || document.flaws.length > 0 ? undefined : readWorkspaceFile(document, sink);
  const env = file === undefined ? asked : environment(file, asked);
  const infra = pathsUnder('infra', paths, sink).map(parse);
  const clusters = templates === undefined ? [] : pathsUnder('clusters', paths, sink).map(parse);
  const services = servicesOf(input, { paths, parse, sink });
  const environments = file === undefined ? [env ?? ''] : (file.environments ?? []);
  const layers = layerPaths(paths, { env, environments, sink }).flatMap(({ path, env: of }) => {
    const layer = readLayer(parse(path), { env: of, sink, services: services.services, templates });
    return layer === undefined ? [] : [layer];
  });
  const providers =
    file === undefined || document === undefined ? {} : readProviders(file, document, { drivers, sink });
  return { file, env, providers, infra, clusters, layers, services, count };
}

/** The services of the program, and those of the workspace beside them. */
function servicesOf(
  { services, declare }: LoadInput,
  { paths, parse, sink }: { readonly paths: readonly string[]; parse(path: string): Document; readonly sink: Sink },
): Reading['services'] {
  if (declare === undefined) return { services, own: {}, flawed: new Set() };
  const { own, flawed } = readServices(paths, { parse, builtIn: Object.keys(services ?? {}), sink });
  const declared = Object.entries(own).map(([name, file]) => [name, declare(name, file)] as const);
  return { services: { ...services, ...Object.fromEntries(declared) }, own, flawed };
}

/** What lies encrypted in the workspace. The keys of such a file can be read, its values not. */
function secretsIn({ files, prefix }: LoadInput, sink: Sink): ReadonlyMap<string, SecretEntry> {
  const { entries, problems } = listSecrets(files, prefix);
  problems.forEach(sink.add);
  return new Map(entries.map(entry => [entry.path, entry]));
}

/** Paths of the files that a load may read, within the limits on the whole: none when it will be refused for its size. */
export function pathsToRead({ files }: Pick<LoadInput, 'files'>): readonly string[] {
  const sink = createSink('');
  checkLimits(files, sink);
  if (sink.count() > 0) return [];
  return [...files.keys()].filter(
    path =>
      isServicePath(path) ||
      (ENDINGS.includes(endingOf(path)) &&
        /^(?:workspace\.|infra\/|clusters\/|config\/(?:[^/]+-)?defaults\.)/.test(path)),
  );
}

function checkLimits(files: ReadonlyMap<string, Uint8Array>, sink: Sink): void {
  let bytes = 0;
  for (const content of files.values()) bytes += content.length;
  const fix = 'split the workspace into several';
  if (files.size > LIMITS.files)
    sink.error(undefined, {
      id: 'WS-LIMIT',
      what: `the workspace has ${files.size} files; the limit is ${LIMITS.files}`,
      fix,
    });
  if (bytes > LIMITS.treeBytes)
    sink.error(undefined, {
      id: 'WS-LIMIT',
      what: `the workspace has ${bytes} bytes; the limit is ${LIMITS.treeBytes}`,
      fix,
    });
}

/** The environment to load. Which ones exist is written in the workspace file, so a wrong one is the caller's mistake. */
function environment({ environments = [] }: WorkspaceFile, asked: string | null): Name | null {
  if (asked === null && environments.length === 0) return null;
  if (asked !== null && environments.includes(asked)) return asked;
  const known =
    environments.length === 0
      ? 'the workspace file declares no environments'
      : `environments: ${environments.join(', ')}`;
  const guess = asked === null ? undefined : nearest(asked, environments);
  const fix =
    environments.length === 0
      ? 'leave --env out'
      : asked === null
        ? `add --env ${environments[0]}`
        : 'name one of them';
  throw new Fault('usage', {
    id: 'CLI-ENV',
    what:
      asked === null
        ? 'the workspace has environments, and none was named'
        : `there is no environment "${showText(asked)}"`,
    why: known,
    fix: guess === undefined ? fix : `did you mean \`${guess}\`?`,
  });
}

function pathsUnder(folder: string, paths: readonly string[], sink: Sink): string[] {
  return paths.filter(path => {
    if (!path.startsWith(`${folder}/`) || path.endsWith('/.gitkeep')) return false;
    if (ENDINGS.includes(endingOf(path))) return true;
    sink.error(undefined, {
      id: 'WS-FILE',
      what: `${showText(path)} is not a workspace file`,
      why: `files under ${folder}/ end with ${ENDINGS.map(ending => `.${ending}`).join(', ')}`,
      fix: `rename it, or move it out of ${folder}/`,
    });
    return false;
  });
}

function resourcesOf(instances: Instances, file: WorkspaceFile | undefined, surroundings: Surroundings): Resource[] {
  return [...instances.all.values()].map(instance => resourceOf(instance, file, surroundings)).toSorted(byAddress);
}

function resourceOf(instance: Instance, file: WorkspaceFile | undefined, surroundings: Surroundings): Resource {
  const spec = specOf(instance, surroundings);
  const { provider, protect, replace, adopt, needs } = metaOf(instance, file, surroundings);
  const all = new Set(needs);
  if (instance.on !== undefined) {
    all.add(instance.on.address);
    for (const address of neighboursNeeded(instance, surroundings)) all.add(address);
  }
  eachRef(spec, ref => {
    if (upstreamOf(ref) === null) all.add(splitRef(ref).address);
  });
  return {
    address: instance.address,
    kind: instance.kind.name,
    name: instance.name,
    provider,
    spec: spec as Resource['spec'],
    needs: [...all].toSorted(),
    ...(instance.on === undefined ? {} : { on: instance.on.address }),
    protect,
    replace,
    ...(adopt === undefined ? {} : { adopt }),
  };
}

function byAddress(a: Resource, b: Resource): number {
  return a.address < b.address ? -1 : Number(a.address > b.address);
}
