import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));

/** The build of this repository. */
export const BUILD = resolve(HERE, '../../dist');

let folder = BUILD;

/** From now on the program of another folder is started, so that a new build meanwhile disturbs nothing. */
export function useBuild(other: string): void {
  folder = other;
}

/** What a broken program is broken by: a module that it loads first. */
export interface Breakage {
  readonly preload?: string;
}

let breakage: Breakage = {};

/** From now on every program that is started is broken in this way; `{}` makes them whole again. */
export function useBreakage(other: Breakage): void {
  breakage = other;
}

/** The program as users start it. */
export function program(): string {
  return join(folder, 'main.js');
}

/** A process that does not end within this time hangs, and that is a violation. */
const LIMIT_MS = 120_000;

export interface Start {
  readonly args: readonly string[];
  readonly home: string;
  /** More environment: failpoints, lease time. */
  readonly env?: { readonly [name: string]: string };
  /** Another build of the program. */
  readonly program?: string;
  /** Name that every request of the process carries in `x-provisioning-client`. */
  readonly stamp?: string;
  /** Everything the process started dies with it, as when a machine stops; otherwise its children may finish. */
  readonly together?: boolean;
  /** What it reads; nothing unless said. */
  readonly input?: string;
  /** Time in milliseconds after which it counts as hung, where it is not the usual one. */
  readonly limitMs?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  readonly hung: boolean;
}

/** Time in milliseconds for a hung process to write its diagnostic report. */
const REPORT_MS = 2_000;

/** A running program, leader of its own process group. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Signals the whole group; nothing when it is gone. */
  signal(name: NodeJS.Signals): void;
}

/** Environment without anything of the person who runs the proof: no Git settings, no locale, no colour. */
export function bareEnvironment(home: string): { readonly [name: string]: string } {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    NO_COLOR: '1',
  };
}

export function start(options: Start): Running {
  const began = performance.now();
  const preloads = [options.stamp === undefined ? undefined : join(HERE, 'stamp.mjs'), breakage.preload];
  const imports = preloads.flatMap(file => (file === undefined ? [] : ['--import', file]));
  const reports = ['--report-on-signal', `--report-directory=${options.home}`];
  const child = spawn(process.execPath, [...reports, ...imports, options.program ?? program(), ...options.args], {
    cwd: options.home,
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: {
      ...bareEnvironment(options.home),
      PROVISIONING_HOME: options.home,
      PROVISIONING_TEST: '1',
      PROVISIONING_LEASE_MS: '2000',
      ...(options.stamp === undefined ? {} : { CRASH_STAMP: options.stamp }),
      ...options.env,
    },
  });
  child.stdin?.end(options.input);
  const signal = (name: NodeJS.Signals): void => signalGroup(child, name);
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    // What it waits for is written down first, beside its own files: `--keep` leaves both.
    child.kill('SIGUSR2');
    setTimeout(() => signal('SIGKILL'), REPORT_MS);
  }, options.limitMs ?? LIMIT_MS);
  const [out, err] = [collected(child.stdout), collected(child.stderr)];
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => (options.together === true ? signal('SIGKILL') : undefined));
    child.on('close', (code, by) => {
      clearTimeout(limit);
      resolve({ code, signal: by, stdout: out(), stderr: err(), tookMs: performance.now() - began, hung });
    });
  });
  return { pid: child.pid ?? 0, ended, signal };
}

export function run(options: Start): Promise<Ended> {
  return start(options).ended;
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group has ended.
  }
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString('utf8');
}
