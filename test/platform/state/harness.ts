import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeGit } from '../../../platform/git/native.ts';
import { openGitState } from '../../../platform/state/git-state.ts';
import { type MemoryDisk, memoryDisk } from '../../../platform/state/memory-disk.ts';
import { memoryRemote } from '../../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../../platform/state/memory-state.ts';
import type { StateTiming } from '../../../platform/state/parts.ts';
import type { Git, GitStream } from '../../../schemas/git.ts';
import type { WorkspaceState } from '../../../schemas/state.ts';
import type { World } from '../../../schemas/world.ts';
import { realWorld } from './fixture.ts';
import { virtualWorld } from './virtual-world.ts';

/** A remote and any number of machines, for the contract. A machine that crashed runs a new process afterwards. */
export interface Harness {
  /** Opens the chain on a machine, in its running process. */
  open(machine?: string): WorkspaceState;
  /** Ends the process of a machine where it stands. */
  crash(machine: string): void;
  /** Makes the remote unreachable, or reachable again. */
  down(isDown: boolean): void;
  refs(): ReadonlyMap<string, string>;
  force(ref: string, to: string | null): void;
  /** Commits a changed file on top of a commit, with that commit's own message and parent, as somebody who edits history would. */
  edit(commit: string, path: string, text: string): string;
  readonly ttlMs: number;
  close(): void;
}

const REF = 'refs/heads/provisioning/state/shop';
export const WORKSPACE = 'shop';
export { REF };

export function memoryHarness(): Harness {
  const remote = memoryRemote();
  const world = virtualWorld();
  const disks = new Map<string, MemoryDisk>();
  const timing: Partial<StateTiming> = {};
  const diskOf = (machine: string): MemoryDisk => {
    const disk = disks.get(machine) ?? memoryDisk();
    disks.set(machine, disk);
    return disk;
  };
  return {
    open: (machine = 'one') =>
      openMemoryState({ remote, disk: diskOf(machine), workspace: WORKSPACE, world, ...timing }),
    crash: machine => diskOf(machine).crash(),
    down(isDown) {
      remote.heal();
      if (isDown) for (const on of ['look', 'push'] as const) remote.inject({ fault: 'down', on });
    },
    refs: () => new Map(remote.refs),
    force: (ref, to) => remote.force(ref, to),
    edit: (commit, path, text) => remote.edit(commit, path, text),
    ttlMs: 30_000,
    close: () => {},
  };
}

/** A process of a machine that can be ended without ending the test: its world and its git answer nothing any more. */
interface Life {
  readonly world: World;
  readonly git: Git;
  readonly number: number;
  end(): void;
}

function startLife(number: number): Life {
  let isOver = false;
  const streams: GitStream[] = [];
  const mortal = <T extends object>(port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        (...args: unknown[]) => (isOver ? new Promise(() => {}) : (call as (...all: unknown[]) => unknown)(...args)),
      ]),
    ) as T;
  const real = realWorld();
  const git = nativeGit();
  const { sleep } = mortal({ sleep: real.clock.sleep });
  return {
    number,
    world: { ...real, clock: { ...real.clock, sleep }, reach: mortal({ reach: real.reach }).reach },
    git: mortal({
      ...git,
      stream(args: readonly string[], call: Parameters<Git['stream']>[1]) {
        const stream = git.stream(args, call);
        streams.push(stream);
        return stream;
      },
    }),
    end() {
      isOver = true;
      for (const stream of streams) void stream.end();
    },
  };
}

export function gitHarness(): Harness {
  const directory = mkdtempSync(join(tmpdir(), 'state-'));
  const remote = join(directory, 'remote.git');
  const lives = new Map<string, Life>();
  const git = (args: readonly string[], input = ''): string =>
    execFileSync('git', ['-C', remote, ...args], { input, encoding: 'utf8' }).trim();
  execFileSync('git', ['init', '--quiet', '--bare', remote]);
  const lifeOf = (machine: string): Life => {
    const life = lives.get(machine) ?? startLife(1);
    lives.set(machine, life);
    return life;
  };
  const ttlMs = 1_500;
  return {
    open(machine = 'one') {
      const life = lifeOf(machine);
      const processes = {
        self: () => `${life.number}`,
        alive: (process: string) => process === `${lifeOf(machine).number}`,
      };
      return openGitState({
        remote,
        home: join(directory, machine),
        workspace: WORKSPACE,
        world: life.world,
        git: life.git,
        processes,
        ttlMs,
        callMs: 100,
        pollMs: 50,
        retryMs: 10,
      });
    },
    crash(machine) {
      const life = lifeOf(machine);
      life.end();
      lives.set(machine, startLife(life.number + 1));
    },
    down(isDown) {
      renameSync(isDown ? remote : `${remote}.off`, isDown ? `${remote}.off` : remote);
    },
    refs() {
      const lines = git(['for-each-ref', '--format=%(refname) %(objectname)'])
        .split('\n')
        .filter(line => line !== '');
      return new Map(lines.map(line => line.split(' ') as [string, string]));
    },
    force: (ref, to) => void git(to === null ? ['update-ref', '-d', ref] : ['update-ref', ref, to]),
    edit(commit, path, text) {
      const blob = git(['hash-object', '-w', '--stdin'], text);
      const index = join(directory, 'index');
      const env = { ...process.env, GIT_INDEX_FILE: index };
      const run = (args: readonly string[]): string =>
        execFileSync('git', ['-C', remote, ...args], { env, encoding: 'utf8' }).trim();
      run(['read-tree', commit]);
      run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`]);
      const tree = run(['write-tree']);
      const raw = git(['cat-file', 'commit', commit]);
      return git(['hash-object', '-w', '-t', 'commit', '--stdin'], `${raw.replace(/^tree .*/, `tree ${tree}`)}\n`);
    },
    ttlMs,
    close() {
      for (const life of lives.values()) life.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
