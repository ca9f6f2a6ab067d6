import { spawn } from 'node:child_process';
import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One process that ran to its end. CPU and memory are null where this system does not tell them. */
export interface Measured {
  readonly wallS: number;
  /** User and system time of the process and of the children it waited for. */
  readonly cpuS: number | null;
  /** Resident memory of the largest process. */
  readonly peakMib: number | null;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  /** Kills it after this time; a measurement must not run for ever. */
  readonly limitMs?: number;
  /** Gets the process id as soon as it is known. */
  readonly started?: (pid: number) => void;
}

const GNU_TIME = '/usr/bin/time';

/** How CPU and memory are read here, for the report. */
export function meter(): string {
  if (existsSync(GNU_TIME)) return 'GNU time (wait4)';
  if (process.platform === 'linux') return '/proc, read every 5 ms: the last moments of a process are missed';
  return 'wall time only';
}

/** Milliseconds that the disk of a folder takes to keep an appended line, median of 200: what every durable step waits for. */
export function syncMs(folder: string): number {
  const path = join(folder, 'sync');
  const file = openSync(path, 'w');
  const times = Array.from({ length: 200 }, () => {
    const start = performance.now();
    writeSync(file, 'x'.repeat(300));
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(path);
  return times.sort((a, b) => a - b)[100] ?? Number.NaN;
}

/** Runs one command and measures it as a whole process, from spawn to exit. */
export async function measure(command: Command): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-time-'));
  const note = join(folder, 'time');
  const gnu = existsSync(GNU_TIME);
  const argv = gnu ? [GNU_TIME, '-o', note, '-f', '%U %S %M', ...command.argv] : [...command.argv];
  const start = process.hrtime.bigint();
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) command.started?.(child.pid);
  const usage = gnu || child.pid === undefined ? null : watchProc(child.pid);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.on('data', (part: Buffer) => stderr.push(part));
  const limit = setTimeout(() => child.kill('SIGKILL'), command.limitMs ?? 1_200_000);
  const exit = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code ?? -1));
  });
  const wallS = Number(process.hrtime.bigint() - start) / 1e9;
  clearTimeout(limit);
  const spent = usage?.() ?? (gnu ? readNote(note) : { cpuS: null, peakMib: null });
  rmSync(folder, { recursive: true, force: true });
  return {
    wallS,
    ...spent,
    exit,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

interface Spent {
  readonly cpuS: number | null;
  readonly peakMib: number | null;
}

function readNote(note: string): Spent {
  if (!existsSync(note)) return { cpuS: null, peakMib: null };
  const last = readFileSync(note, 'utf8').trim().split('\n').at(-1) ?? '';
  const [user = NaN, system = NaN, kib = NaN] = last.split(' ').map(Number);
  return { cpuS: user + system, peakMib: kib / 1_024 };
}

/** Where there is no GNU time, a process is looked at until it ends. */
function watchProc(pid: number): (() => Spent) | null {
  if (process.platform !== 'linux') return null;
  let cpuS: number | null = null;
  let peakMib: number | null = null;
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const peak = /VmHWM:\s+(\d+) kB/.exec(status);
      if (peak !== null) peakMib = Number(peak[1]) / 1_024;
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      // Fields 14 to 17 of proc(5): own and waited-for children's time in ticks of 10 ms.
      cpuS = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / 100;
    } catch {
      // The process has ended between two looks.
    }
  };
  const timer = setInterval(look, 5);
  return () => {
    clearInterval(timer);
    return { cpuS, peakMib };
  };
}

/** Runs a command that must succeed, without measuring it. */
export async function run(argv: readonly string[], options: Omit<Command, 'argv'> = {}): Promise<Measured> {
  const done = await measure({ argv, ...options });
  if (done.exit !== 0)
    throw new Error(
      `${argv.join(' ')} ended with ${done.exit}:\n${done.stderr.slice(-2_000)}${done.stdout.slice(-2_000)}`,
    );
  return done;
}
