import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { machineFacts } from './facts.ts';
import { runtimeFor } from './settings.ts';
import { socketRefusal } from './socket.ts';

/** What an entry of the workspace file and the surroundings say of the engine. */
export interface EngineWanted {
  /** Folder of this machine's own files. */
  readonly home: string;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly engine?: 'podman' | 'docker';
  readonly socket?: string;
}

/** An engine that listens, podman that can be started, or why there is neither, with what to do about it. */
export type FoundEngine =
  | { readonly is: 'listening'; readonly socket: string; readonly way: string }
  | { readonly is: 'startable' }
  | { readonly is: 'missing'; readonly trouble: string };

/** Sockets of engines that run anyhow. */
const KNOWN = {
  podman: ['/run/podman/podman.sock'],
  docker: ['/var/run/docker.sock', '/run/docker.sock'],
} as const;

/** Looks for an engine and starts none. `ours` is the socket of a podman that this program started before. */
export async function findEngine(wanted: EngineWanted, ours: string): Promise<FoundEngine> {
  const { environment, engine = 'podman' } = wanted;
  const named = namedSocket(wanted);
  if (named !== undefined) {
    const refusal = await socketRefusal(named.socket);
    if (refusal === null) return { is: 'listening', ...named };
    const sort = named.way === 'DOCKER_HOST' ? 'docker' : engine;
    return { is: 'missing', trouble: `${named.socket} (${named.way}) ${remedyFor(refusal, named.socket, sort)}` };
  }
  const places: readonly string[] = engine === 'docker' ? KNOWN.docker : [ours, ...KNOWN.podman];
  for (const socket of places) {
    if ((await socketRefusal(socket)) !== null) continue;
    return { is: 'listening', socket, way: socket === ours ? 'started by this program' : 'where it always is' };
  }
  if (engine === 'docker') return { is: 'missing', trouble: await dockerTrouble(environment) };
  const trouble = podmanTrouble(environment);
  return trouble === null ? { is: 'startable' } : { is: 'missing', trouble };
}

/** The socket that somebody named; what an entry says goes first. */
function namedSocket({ socket, environment, engine }: EngineWanted): { socket: string; way: string } | undefined {
  if (socket !== undefined) return { socket, way: '`socket` of the provider' };
  const names = engine === 'docker' ? ['DOCKER_HOST'] : ['CONTAINER_HOST', 'DOCKER_HOST'];
  for (const name of names) {
    const value = environment[name];
    if (value?.startsWith('unix://') === true) return { socket: value.slice('unix://'.length), way: name };
  }
  return undefined;
}

function startOf(socket: string, engine: 'podman' | 'docker'): string {
  return engine === 'docker'
    ? 'start Docker: systemctl start docker'
    : `start it: podman system service --time=0 unix://${socket}`;
}

/** Why a socket cannot be used, and what to do. */
function remedyFor(refusal: string, socket: string, engine: 'podman' | 'docker'): string {
  if (refusal === 'EACCES') {
    const group = engine === 'docker' ? ', or as a member of its group: usermod -aG docker <you>' : '';
    return `may not be opened by this user: run this program as root${group}`;
  }
  if (refusal === 'ENOENT') return `does not exist: ${startOf(socket, engine)}, or name another one`;
  if (refusal === 'ENOTSOCK') return 'is no socket: name that of an engine';
  return `is a socket that nobody listens at any more: ${startOf(socket, engine)}`;
}

async function dockerTrouble(environment: EngineWanted['environment']): Promise<string> {
  const [socket] = KNOWN.docker;
  const refusal = await socketRefusal(socket);
  if (refusal !== 'ENOENT') return `${socket} ${remedyFor(refusal ?? '', socket, 'docker')}`;
  return has('dockerd', environment)
    ? `Docker is installed and does not run: ${startOf(socket, 'docker')}`
    : 'Docker is not installed: apt-get install docker.io';
}

/** Where podman looks for the programs that it needs besides what is on the path. */
const PROGRAM_FOLDERS = ['/usr/lib/podman', '/usr/libexec/podman', '/usr/local/lib/podman'];

function has(program: string, environment: EngineWanted['environment']): boolean {
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin', ...PROGRAM_FOLDERS];
  return folders.some(folder => existsSync(join(folder, program)));
}

/** Why podman cannot be started here, with what to do about it; null when it can. */
function podmanTrouble(environment: EngineWanted['environment']): string | null {
  const runtime = runtimeFor(machineFacts());
  const needed = ['podman', runtime, 'netavark', 'aardvark-dns', 'iptables'];
  const missing = needed.filter(program => !has(program, environment));
  if (missing.length > 0) return `install what is missing: apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() === 0) return null;
  return 'hosts with systemd need podman as root: run this program as root, or name the socket of an engine in `socket`';
}
