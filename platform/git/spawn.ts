import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Fault } from '../../schemas/fault.ts';
import type { GitAnswer, GitCall, GitStream } from '../../schemas/git.ts';
import { gitEnvironment, LOCAL_SETTINGS } from './environment.ts';
import { gitFault, gitTimeout } from './failure.ts';

/** Longest time for one command on this machine. */
export const LOCAL_MS = 120_000;

/** How much of stderr is kept for telling what happened. */
const STDERR_CHARACTERS = 16_384;

/** Starts git with our settings and environment, and pipes on all three sides. */
export function startGit(args: readonly string[], call: GitCall) {
  return spawn('git', [...LOCAL_SETTINGS, ...args], {
    cwd: call.directory,
    env: gitEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Gathers the beginning of what git says beside its answer. */
export function stderrOf(child: ReturnType<typeof startGit>): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < STDERR_CHARACTERS) text += piece;
  });
  return () => text;
}

/** Runs git with an input and gathers its answer. */
export function runGit(args: readonly string[], call: GitCall): Promise<GitAnswer> {
  const doing = args[0] ?? 'run';
  const timeoutMs = call.timeoutMs ?? LOCAL_MS;
  return new Promise((resolve, reject) => {
    const child = startGit(args, call);
    const chunks: Uint8Array[] = [];
    const stderr = stderrOf(child);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(gitTimeout(doing, timeoutMs));
    }, timeoutMs);
    child.once('error', error => {
      clearTimeout(timer);
      reject(missing(error));
    });
    child.stdout.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    child.once('close', status => {
      clearTimeout(timer);
      resolve({ status: status ?? 128, stdout: Buffer.concat(chunks), stderr: stderr() });
    });
    // A command may end before it read everything; its status tells, not the broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(call.input ?? '');
  });
}

/** Starts a command that answers line by line while it is being written to. */
export function streamGit(args: readonly string[], call: GitCall): GitStream {
  const doing = args[0] ?? 'run';
  const timeoutMs = call.timeoutMs ?? LOCAL_MS;
  const child = startGit(args, call);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const stderr = stderrOf(child);
  let broken: Fault | null = null;
  child.once('error', error => {
    broken = missing(error);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number>(resolve => {
    child.once('close', status => resolve(status ?? 128));
    child.once('error', () => resolve(128));
  });
  const failed = (): Fault => broken ?? gitFault(stderr(), doing);
  return {
    async write(chunk) {
      if (child.stdin.writableEnded || child.exitCode !== null || broken !== null) throw failed();
      if (child.stdin.write(chunk)) return;
      const gone = ended.then(() => 'ended' as const);
      const drained = new Promise<'drained'>(resolve => child.stdin.once('drain', () => resolve('drained')));
      if ((await Promise.race([gone, drained])) === 'ended') throw failed();
    },
    async line() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>(resolve => {
        timer = setTimeout(() => resolve('late'), timeoutMs);
      });
      const next = await Promise.race([lines.next(), late]);
      clearTimeout(timer);
      if (next === 'late') {
        child.kill('SIGKILL');
        throw gitTimeout(doing, timeoutMs);
      }
      if (next.done === true) {
        await ended;
        throw failed();
      }
      return next.value;
    },
    async end() {
      child.stdin.end();
      return ended;
    },
  };
}

/** A git that cannot be started. */
export function missing(error: unknown): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what =
    code === 'ENOENT' ? 'git, or the folder it should work in, is missing' : `git cannot be started (${code})`;
  return new Fault('unavailable', { id: 'GIT-MISSING', what, fix: 'install git 2.36 or newer' });
}
