import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { machineFacts } from './facts.ts';
import { type EngineWanted, findEngine } from './find.ts';
import { containersConf } from './settings.ts';
import { socketRefusal, socketUrl } from './socket.ts';

/** What this machine adds to the entry of a local provider: where its engine listens, or why there is none. */
export interface LocalEngine {
  readonly key: string;
  /** Name of the machine. */
  readonly machine: string;
  readonly url?: string;
  readonly trouble?: string;
}

/** Seconds without a request after which an engine that we started goes; hosts stay, and the next request starts it again. */
const IDLE_SECONDS = 900;

/** Longest time in milliseconds until a started engine answers. */
const START_MS = 20_000;

/** Finds an engine: the one that is named, one that runs, or podman, which is started. */
export async function localEngine(wanted: EngineWanted): Promise<LocalEngine> {
  const directory = join(wanted.home, 'hosts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = {
    key: ownKey(join(directory, 'key')),
    machine: hostname()
      .replace(/[^\w.-]/g, '-')
      .slice(0, 100),
  };
  const ours = engineSocket(directory);
  const found = await findEngine(wanted, ours);
  if (found.is === 'listening') return { ...own, url: socketUrl(found.socket) };
  const trouble = found.is === 'missing' ? found.trouble : await started(directory, ours, wanted.environment);
  return trouble === null ? { ...own, url: socketUrl(ours) } : { ...own, trouble };
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

/** The socket of an engine that is started for us. Names of sockets have at most 107 bytes, so that one of a long folder stands in a short one. */
export function engineSocket(directory: string): string {
  if (Buffer.byteLength(directory) < 70) return join(directory, 'engine.sock');
  const short = `provisioning-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`;
  return join(tmpdir(), short, 'engine.sock');
}

/** Starts podman for our own use, told everything by a file of ours: /etc/containers stays as it is. */
async function started(
  directory: string,
  socket: string,
  environment: EngineWanted['environment'],
): Promise<string | null> {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
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
    if ((await socketRefusal(first)) === null) {
      renameSync(first, socket);
      return null;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return `podman did not answer within ${START_MS / 1_000} seconds; what it said is in ${join(directory, 'engine.log')}`;
}
