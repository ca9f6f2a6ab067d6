import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Check } from './port.ts';

const NODE = [20, 19] as const;
/** The first version that can be told which writes must reach the disk. */
const GIT = [2, 36] as const;

const LOW_BYTES = 1 << 30;
const FULL_BYTES = 100 << 20;

/** A lock is held for moments; one that is older than this was left by a process that died. */
const STALE_MS = 600_000;

type Environment = { readonly [name: string]: string | undefined };

/** Looks at what the program needs of this machine. Changes nothing but a file of its own, which it removes. */
export function machineChecks(options: {
  readonly home: string;
  readonly nowMs: number;
  readonly environment?: Environment;
}): readonly Check[] {
  const { home, nowMs, environment = process.env } = options;
  return [
    nodeCheck(process.versions.node),
    gitCheck(),
    homeCheck(home),
    spaceCheck(home),
    ...lockChecks(home, nowMs),
    terminalCheck(environment),
    failpointCheck(environment),
  ];
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

export function nodeCheck(version: string): Check {
  const ok = atLeast(version, NODE);
  const what = `Node ${version}`;
  return ok
    ? { name: 'node', status: 'ok', what }
    : { name: 'node', status: 'fault', what, fix: `install Node ${NODE.join('.')} or newer` };
}

function gitCheck(): Check {
  const asked = spawnSync('git', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = /git version (\d+\.\d+(?:\.\d+)?)/.exec(asked.stdout ?? '')?.[1];
  const fix = `install git ${GIT.join('.')} or newer`;
  if (version === undefined) return { name: 'git', status: 'fault', what: 'git does not answer', fix };
  const what = `git ${version}`;
  return atLeast(version, GIT) ? { name: 'git', status: 'ok', what } : { name: 'git', status: 'fault', what, fix };
}

function homeCheck(home: string): Check {
  const path = join(home, `.doctor-${process.pid}`);
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, 'written by doctor\n');
    fsyncSync(file);
    closeSync(file);
    rmSync(path);
    return { name: 'home', status: 'ok', what: `local files go to ${home}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return {
      name: 'home',
      status: 'fault',
      what: `${home} cannot be written${code}`,
      fix: 'set PROVISIONING_HOME to another folder',
    };
  }
}

function spaceCheck(home: string): Check {
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  const what = `${(free / (1 << 30)).toFixed(1)} GiB free for local files`;
  if (free >= LOW_BYTES) return { name: 'space', status: 'ok', what };
  return {
    name: 'space',
    status: free < FULL_BYTES ? 'fault' : 'warning',
    what,
    fix: 'make room, or set PROVISIONING_HOME to another disk',
  };
}

function lockChecks(home: string, nowMs: number): readonly Check[] {
  const stale = readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.lock'))
    .map(name => join(home, name))
    .filter(path => isStale(path, nowMs));
  if (stale.length === 0) return [{ name: 'locks', status: 'ok', what: 'no locks were left behind' }];
  return stale.map(path => ({
    name: 'locks',
    status: 'warning',
    what: `${path} was left behind`,
    fix: `when no other provisioning runs here: rm ${path}`,
  }));
}

/** A lock file that names a process is stale when that process is gone; any other when it is old. */
function isStale(path: string, nowMs: number): boolean {
  try {
    const found = statSync(path);
    const pid = found.isFile()
      ? Number(/^(\d{1,9})\b/.exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN)
      : Number.NaN;
    if (Number.isNaN(pid)) return nowMs - found.mtimeMs > STALE_MS;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function terminalCheck(environment: Environment): Check {
  const terminal = process.stdout.isTTY === true;
  const colour = terminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const what = terminal
    ? `a terminal of ${process.stdout.columns} columns, ${colour ? 'with' : 'without'} colour`
    : 'no terminal: plain lines';
  return { name: 'terminal', status: 'ok', what };
}

export function failpointCheck(environment: Environment): Check {
  const set = ['PROVISIONING_TEST', 'PROVISIONING_FAILPOINT'].filter(name => (environment[name] ?? '') !== '');
  if (set.length === 0) return { name: 'failpoints', status: 'ok', what: 'no failpoints are set' };
  return {
    name: 'failpoints',
    status: 'warning',
    what: `${set.join(' and ')} can stop this program on purpose`,
    fix: `unset ${set.join(' ')}`,
  };
}
