import type { WorkspaceKey } from '../../schemas/name.ts';
import type { WorkspaceState } from '../../schemas/state.ts';
import type { World } from '../../schemas/world.ts';
import { openChain } from './chain.ts';
import type { MemoryDisk, MemoryProcess } from './memory-disk.ts';
import type { MemoryRemote } from './memory-remote.ts';
import { type Known, nothingKnown, STATE_TIMING, type StateTiming } from './parts.ts';
import { chainRefs } from './refs.ts';

export interface MemoryStateOptions extends Partial<StateTiming> {
  readonly remote: MemoryRemote;
  readonly disk: MemoryDisk;
  readonly workspace: WorkspaceKey;
  readonly world: World;
}

/** What the running process of each machine knows; the next process starts with nothing. */
const known = new WeakMap<MemoryDisk, { readonly number: number; readonly chains: Map<string, Known> }>();

/**
 * The state chain over a simulated remote and a simulated disk, for the simulator. It is the same chain as with Git, down to
 * the ids of its commits. `disk.crash()` ends every store that was opened before.
 */
export function openMemoryState(options: MemoryStateOptions): WorkspaceState {
  const { remote, disk, workspace, world } = options;
  const process = disk.process();
  const timing = Object.fromEntries(
    Object.entries(STATE_TIMING).map(([name, ms]) => [name, options[name as keyof StateTiming] ?? ms]),
  );
  return openChain({
    workspace,
    world,
    refs: chainRefs(workspace),
    timing: { ...STATE_TIMING, ...timing },
    log: process.mortal(remote.log(world)),
    disk: process.disk(workspace),
    processes: process.processes,
    ...knownOf(disk, process, workspace),
  });
}

function knownOf(disk: MemoryDisk, process: MemoryProcess, workspace: WorkspaceKey): Known {
  let memory = known.get(disk);
  if (memory === undefined || memory.number !== process.number) {
    memory = { number: process.number, chains: new Map() };
    known.set(disk, memory);
  }
  const chain = memory.chains.get(workspace) ?? nothingKnown();
  memory.chains.set(workspace, chain);
  return chain;
}
