import type { GitSource } from '../platform/git/port.ts';
import { Fault } from '../schemas/fault.ts';
import type { Address, Name, Sha, WorkspaceKey } from '../schemas/name.ts';
import { loadWorkspaceFile } from '../schemas/parse/workspace-file.ts';
import type { Position } from '../schemas/position.ts';
import { eachRef } from '../schemas/resource.ts';
import { type UpstreamRef, upstreamOf } from '../schemas/upstream.ts';
import { type Loaded, workspaceKey } from '../schemas/workspace.ts';
import type { Ports } from './ports.ts';
import type { Target } from './target.ts';

/** Where the folders of a repository are read: one of its commits, or the files on disk. */
export interface Folders {
  list(): Promise<readonly string[]>;
  files(prefix: string): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** One workspace folder of the repository. */
export interface Neighbour {
  readonly prefix: string;
  readonly name: Name;
  /** `[null]` for a workspace without environments. */
  readonly environments: readonly (Name | null)[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Its files may refer to other workspaces. Those of most do not, and then they need not be parsed to know it. */
  readonly isReader: boolean;
}

/** One place where a workspace refers to another one. */
export interface UpstreamUse {
  /** As it stands in the spec. */
  readonly ref: string;
  readonly to: UpstreamRef;
  readonly by: Address;
  readonly at?: Position;
}

/** The workspaces of one commit, each read and loaded when it is asked for, and once. */
export interface Neighbours {
  all(): Promise<readonly Neighbour[]>;
  /** Folders whose workspace file cannot be read: a name that is missing may be theirs. */
  broken(): Promise<readonly string[]>;
  /** Null when its files are not valid: its own pass reports that. */
  load(neighbour: Neighbour, env: Name | null): Promise<Loaded | null>;
  uses(neighbour: Neighbour, env: Name | null): Promise<readonly UpstreamUse[]>;
}

/** The folders of a commit. */
export function foldersOf(source: GitSource, commit: Sha): Folders {
  return {
    list: () => source.workspaces(commit),
    files: async prefix => (await source.snapshot(commit, prefix)).files,
  };
}

/** Folders of the newest commit; none before the first one. */
async function committed(source: GitSource): Promise<readonly string[]> {
  try {
    return await source.workspaces(await source.resolve('HEAD'));
  } catch (error) {
    if (error instanceof Fault && error.code === 'usage') return [];
    throw error;
  }
}

/** The folders as they are on disk, those that are not committed yet included: a reference to what was written just now is right. */
export function foldersOnDisk(source: GitSource): Folders {
  return {
    async list() {
      const fresh = (await source.dirty('')).filter(path => /(?:^|\/)workspace\.[a-z]+$/.test(path));
      const folders = fresh.map(path => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
      return [...new Set([...(await committed(source)), ...folders])].toSorted();
    },
    files: async prefix => (await source.worktree(prefix)).files,
  };
}

/** Opens the workspaces of a repository for reading. Nothing is read yet. */
export function openNeighbours(ports: Ports, folders: Folders): Neighbours {
  const loads = new Map<string, Promise<Loaded | null>>();
  let reading: Promise<{ readonly all: readonly Neighbour[]; readonly broken: readonly string[] }> | null = null;
  const read = () => (reading ??= readAll(folders));
  const load: Neighbours['load'] = (neighbour, env) => {
    const key = `${neighbour.prefix}@${env ?? ''}`;
    const known = loads.get(key) ?? unlessInvalid(loadIn(ports, neighbour, env));
    loads.set(key, known);
    return known;
  };
  return {
    all: async () => (await read()).all,
    broken: async () => (await read()).broken,
    load,
    async uses(neighbour, env) {
      const loaded = neighbour.isReader ? await load(neighbour, env) : null;
      return loaded === null ? [] : usesOf(loaded);
    },
  };
}

/** Every reference to another workspace, in the order of the resources. */
export function usesOf(loaded: Loaded): readonly UpstreamUse[] {
  const uses: UpstreamUse[] = [];
  for (const { address, spec } of loaded.workspace.resources) {
    eachRef(spec, (ref, path) => {
      const to = upstreamOf(ref);
      if (to === null) return;
      const at = loaded.locate(address, path);
      uses.push({ ref, to, by: address, ...(at === undefined ? {} : { at }) });
    });
  }
  return uses;
}

/** The workspace that a reference means for a reader in this environment; null when there is none. */
export function meant(
  all: readonly Neighbour[],
  to: UpstreamRef,
  env: Name | null,
): { readonly neighbour: Neighbour; readonly env: Name | null; readonly key: WorkspaceKey } | null {
  const neighbour = all.find(({ name }) => name === to.workspace);
  if (neighbour === undefined) return null;
  const wanted = to.env ?? (neighbour.environments.includes(null) ? null : env);
  if (!neighbour.environments.includes(wanted)) return null;
  return { neighbour, env: wanted, key: workspaceKey(neighbour.name, wanted) };
}

/** Folders of the workspaces that one reads, directly or through others. Of one that reads none, only its own files are read. */
export async function foldersAbove(ports: Ports, target: Target): Promise<readonly string[]> {
  const folders = foldersOf(target.source, await target.source.resolve(target.revision));
  const own = await unlessInvalid(readOne(folders, target.prefix));
  if (own === null || !own.isReader) return [];
  const neighbours = openNeighbours(ports, folders);
  const all = await neighbours.all();
  const found = new Set<string>();
  const queue = [{ neighbour: own, env: target.env as Name | null }];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const { to } of await neighbours.uses(one.neighbour, one.env)) {
      const upper = meant(all, to, one.env);
      if (upper === null || found.has(upper.neighbour.prefix)) continue;
      found.add(upper.neighbour.prefix);
      queue.push(upper);
    }
  }
  return [...found];
}

async function readAll(folders: Folders): Promise<{ all: readonly Neighbour[]; broken: readonly string[] }> {
  const all: Neighbour[] = [];
  const broken: string[] = [];
  for (const prefix of await folders.list()) {
    const found = await unlessInvalid(readOne(folders, prefix));
    if (found === null) broken.push(prefix);
    else all.push(found);
  }
  return { all, broken };
}

async function readOne(folders: Folders, prefix: string): Promise<Neighbour> {
  const files = await folders.files(prefix);
  const { name, environments = [null] } = loadWorkspaceFile(files, prefix);
  const isReader = [...files.values()].some(content => Buffer.from(content).includes('workspace.'));
  return { prefix, name, environments, files, isReader };
}

function loadIn(ports: Ports, { files, prefix }: Neighbour, env: Name | null): Promise<Loaded> {
  return ports.load({ files, prefix, env, drivers: ports.providers });
}

async function unlessInvalid<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid') return null;
    throw error;
  }
}
