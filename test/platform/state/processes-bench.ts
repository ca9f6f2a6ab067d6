import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeGit } from '../../../platform/git/native.ts';
import { openGitState } from '../../../platform/state/git-state.ts';
import type { WorkspaceState } from '../../../schemas/state.ts';
import { realWorld } from './fixture.ts';

/** A bare remote on disk, and writers in processes of their own. */
export interface ProcessBench {
  readonly remote: string;
  home(machine: string): string;
  start(options: StartOptions): Running;
  open(machine: string): WorkspaceState;
  git(...args: string[]): string;
  close(): void;
}

export interface StartOptions {
  readonly machine: string;
  readonly id: string;
  readonly mode?: 'write' | 'go' | 'compact';
  readonly count?: number;
  readonly dieAt?: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves when a line that begins so was said. */
  said(text: string): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

const SCRIPT = fileURLToPath(new URL('writer-process.ts', import.meta.url));

export function processBench(): ProcessBench {
  const directory = mkdtempSync(join(tmpdir(), 'state-processes-'));
  const remote = join(directory, 'remote.git');
  const running: ChildProcess[] = [];
  const home = (machine: string): string => join(directory, machine);
  execFileSync('git', ['init', '--quiet', '--bare', remote]);
  return {
    remote,
    home,
    start(options) {
      const started = startWriter({ remote, home: home(options.machine) }, options);
      running.push(started.child);
      return started;
    },
    open(machine) {
      const timing = { ttlMs: 2_000, callMs: 200, pollMs: 100, retryMs: 20 };
      return openGitState({
        remote,
        home: home(machine),
        workspace: 'shop',
        world: realWorld(),
        git: nativeGit(),
        ...timing,
      });
    },
    git: (...args) => execFileSync('git', ['-C', remote, ...args], { encoding: 'utf8' }).trim(),
    close() {
      for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function startWriter(place: { remote: string; home: string }, options: StartOptions): Running {
  const args = [
    '--import',
    'tsx',
    SCRIPT,
    place.remote,
    place.home,
    options.id,
    options.mode ?? 'write',
    String(options.count ?? 40),
  ];
  const env = { ...process.env, DIE_AT: options.dieAt ?? '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  let waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const { text, resolve } of waiting) if (lines.some(line => line.startsWith(text))) resolve();
    waiting = waiting.filter(({ text }) => !lines.some(line => line.startsWith(text)));
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>(resolve => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    lines,
    ended,
    said(text) {
      if (lines.some(line => line.startsWith(text))) return Promise.resolve();
      const heard = new Promise<void>(resolve => waiting.push({ text, resolve }));
      const gone = ended.then(() => {
        throw new Error(`the writer ended before it said "${text}": ${lines.slice(-3).join(' | ')}`);
      });
      return Promise.race([heard, gone]);
    },
  };
}
