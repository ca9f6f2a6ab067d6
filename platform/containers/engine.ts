import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { machineFacts } from './facts.ts';
import { containersConf, runtimeFor } from './settings.ts';

/** What this machine adds to the entry of a local provider: where its engine listens, or why there is none. */
export interface LocalEngine {
  readonly key: string;
  /** Name of the machine. */
  readonly machine: string;
  readonly url?: string;
  readonly trouble?: string;
}

interface EngineWanted {
  /** Folder of this machine's own files. */
  readonly home: string;
  readonly environment: { readonly [name: string]: string | undefined };
}

/** Seconds without a request after which an engine that we started goes; hosts stay, and the next request starts it again. */
const IDLE_SECONDS = 900;

/** Longest time in milliseconds until a started engine answers. */
const START_MS = 20_000;

/** Sockets of engines that run anyhow. */
const KNOWN = ['/run/podman/podman.sock'];

/** Finds an engine: the one that the environment names, one that runs, or podman, which is started. */
export async function localEngine({ home, environment }: EngineWanted): Promise<LocalEngine> {
  const directory = join(home, 'hosts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = {
    key: ownKey(join(directory, 'key')),
    machine: hostname()
      .replace(/[^\w.-]/g, '-')
      .slice(0, 100),
  };
  const named = environment['CONTAINER_HOST'] ?? environment['DOCKER_HOST'];
  const socket = named?.startsWith('unix://') === true ? named.slice('unix://'.length) : undefined;
  if (socket !== undefined) return { ...own, url: urlOf(socket) };
  const ours = socketIn(directory);
  for (const one of [ours, ...KNOWN]) if (await answers(one)) return { ...own, url: urlOf(one) };
  const trouble = troubleWith(environment) ?? (await started(directory, ours, environment));
  return trouble === null ? { ...own, url: urlOf(ours) } : { ...own, trouble };
}

function urlOf(socket: string): string {
  return `http+unix://${encodeURIComponent(socket)}`;
}

/** The key of this machine, made at its first use. */
function ownKey(path: string): string {
  try {
    writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/** Names of sockets have at most 107 bytes, so that one of a long folder stands in a short one. */
function socketIn(directory: string): string {
  if (Buffer.byteLength(directory) < 70) return join(directory, 'engine.sock');
  const short = join(tmpdir(), `provisioning-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  return join(short, 'engine.sock');
}

function answers(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const open = connect(socket);
    open.once('connect', () => {
      open.destroy();
      resolve(true);
    });
    open.once('error', () => resolve(false));
  });
}

/** Where podman looks for the programs that it needs besides what is on the path. */
const PROGRAM_FOLDERS = ['/usr/lib/podman', '/usr/libexec/podman', '/usr/local/lib/podman'];

/** Why podman cannot be started here, with what to do about it; null when it can. */
function troubleWith(environment: EngineWanted['environment']): string | null {
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin', ...PROGRAM_FOLDERS];
  const has = (program: string): boolean => folders.some(folder => existsSync(join(folder, program)));
  const facts = machineFacts();
  const runtime = runtimeFor(facts);
  const needed = {
    podman: 'podman',
    [runtime]: runtime,
    netavark: 'netavark',
    'aardvark-dns': 'aardvark-dns',
    iptables: 'iptables',
  };
  const missing = Object.entries(needed).flatMap(([program, name]) => (has(program) ? [] : [name]));
  if (missing.length > 0) return `install what is missing: apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() === 0) return null;
  return 'hosts with systemd need podman as root: run this program as root, or name the socket of an engine in `socket`';
}

/** Starts podman for our own use, told everything by a file of ours: /etc/containers stays as it is. */
async function started(
  directory: string,
  socket: string,
  environment: EngineWanted['environment'],
): Promise<string | null> {
  const settings = join(directory, 'containers.conf');
  writeFileSync(settings, containersConf(machineFacts()));
  // It gets its name when it answers, so that of two that start at once one wins and the other one soon goes.
  const first = `${socket}.${process.pid}`;
  rmSync(first, { force: true });
  const log = openSync(join(directory, 'engine.log'), 'a', 0o600);
  const child = spawn('podman', ['system', 'service', `--time=${IDLE_SECONDS}`, `unix://${first}`], {
    // Its helpers drop files where they stand.
    cwd: directory,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...environment, CONTAINERS_CONF: settings },
  });
  closeSync(log);
  const state = { hasEnded: false };
  for (const event of ['error', 'exit']) child.once(event, () => (state.hasEnded = true));
  child.unref();
  const until = Date.now() + START_MS;
  while (!state.hasEnded && Date.now() < until) {
    if (await answers(first)) {
      renameSync(first, socket);
      return null;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return `podman did not answer within ${START_MS / 1_000} seconds; what it said is in ${join(directory, 'engine.log')}`;
}
