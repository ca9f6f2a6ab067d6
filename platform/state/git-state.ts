import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { Git } from '../../schemas/git.ts';
import { WorkspaceKey } from '../../schemas/name.ts';
import type { WorkspaceState } from '../../schemas/state.ts';
import type { World } from '../../schemas/world.ts';
import { openChain } from './chain.ts';
import { diskFiles } from './disk-files.ts';
import { gitLog } from './git-log.ts';
import { type Known, nothingKnown, STATE_TIMING, type StateTiming } from './parts.ts';
import { chainRefs } from './refs.ts';
import type { Processes } from './state-disk.ts';
import { systemProcesses } from './processes.ts';

export interface GitStateOptions extends Partial<StateTiming> {
  /** Address of the repository that carries the chain. */
  readonly remote: string;
  /** Folder of this machine's own files. */
  readonly home: string;
  readonly workspace: WorkspaceKey;
  readonly world: World;
  readonly git: Git;
  /** Tells which processes of this machine are alive; the running system by default. */
  readonly processes?: Processes;
}

/** What this process knows of chains beyond one opening of them: a lease is watched over many short looks. */
const known = new WeakMap<World, Map<string, Known>>();

/** The state chain of a workspace on a branch of a Git remote. Opening it does nothing yet. */
export function openGitState(options: GitStateOptions): WorkspaceState {
  const { remote, home, workspace, world, git } = options;
  if (!WorkspaceKey.safeParse(workspace).success) {
    throw new Fault('usage', { id: 'ST-KEY', what: 'this is not the name of a workspace' });
  }
  const place = createHash('sha256').update(remote).digest('hex').slice(0, 12);
  const directory = join(home, 'state', `${workspace}-${place}`);
  const refs = chainRefs(workspace);
  return openChain({
    workspace,
    world,
    refs,
    timing: { ...STATE_TIMING, ...given(options) },
    log: gitLog({ git, world, remote, refs, directory: join(directory, 'repository.git') }),
    disk: diskFiles(directory),
    processes: options.processes ?? systemProcesses(),
    ...knownOf(world, directory),
  });
}

function given(options: GitStateOptions): Partial<StateTiming> {
  const names = Object.keys(STATE_TIMING) as (keyof StateTiming)[];
  return Object.fromEntries(names.filter(name => options[name] !== undefined).map(name => [name, options[name]]));
}

function knownOf(world: World, directory: string): Known {
  const chains = known.get(world) ?? new Map<string, Known>();
  known.set(world, chains);
  const chain = chains.get(directory) ?? nothingKnown();
  chains.set(directory, chain);
  return chain;
}
