import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineFacts } from '../../platform/containers/facts.ts';
import { containersConf } from '../../platform/containers/settings.ts';

/** A podman that is told everything by a file of its own, and a folder that it may leave files in. */
export interface Podman {
  readonly directory: string;
  /** Runs podman and resolves with what it printed; throws with what it said on its error output. */
  run(args: readonly string[], input?: Uint8Array): Promise<string>;
}

export function openPodman(): Podman {
  const directory = mkdtempSync(join(tmpdir(), 'provisioning-hosts-'));
  const settings = join(directory, 'containers.conf');
  writeFileSync(settings, containersConf(machineFacts()));
  const env = { ...process.env, CONTAINERS_CONF: settings };
  return {
    directory,
    // conmon drops files where it stands, so it stands where they go away.
    run: (args, input) => runProgram(['podman', ...args], { cwd: directory, env, ...(input ? { input } : {}) }),
  };
}

interface How {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: Uint8Array;
}

/** Runs a program to its end. */
export function runProgram([program, ...args]: readonly [string, ...string[]], how: How = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: how.cwd, env: how.env, stdio: 'pipe' });
    let printed = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', code =>
      code === 0 ? resolve(printed) : reject(new Error(`${program} ${args[0] ?? ''} ended with ${code}: ${said}`)),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(how.input);
  });
}
