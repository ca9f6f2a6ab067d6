import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../hosts/key.ts';
import { runProgram } from '../hosts/podman.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What one run of the shipped program came to. */
export interface Ran {
  readonly code: number | null;
  readonly printed: string;
  readonly said: string;
}

/** A workspace on a real Git remote, applied by the shipped program to hosts on this machine. */
export interface LocalWorkspace {
  readonly directory: string;
  readonly publicKey: string;
  /** Commits the infrastructure and pushes it. */
  push(infra: string): Promise<void>;
  run(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ran>;
  /** podman with the settings of the product's own engine. */
  podman(...args: readonly string[]): Promise<string>;
  /** Plain `ssh` to a recorded server, whose key is known from its output alone. */
  ssh(server: string, command: string): Promise<string>;
  /** What the engine still has of this workspace: containers, volumes, networks. */
  leftovers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** `name` must be different for every test that runs at the same time. */
export async function openLocalWorkspace(name: string): Promise<LocalWorkspace> {
  const directory = mkdtempSync(join(tmpdir(), 'provisioning-local-'));
  const at = (path: string): string => join(directory, path);
  const clone = at('clone');
  const { privateKey, publicKey } = generateKey();
  writeFileSync(at('identity'), privateKey, { mode: 0o600 });
  await runProgram(['git', 'init', '-q', '--bare', '-b', 'main', at('remote.git')]);
  await runProgram(['git', 'init', '-q', '-b', 'main', clone]);
  await runProgram(['git', '-C', clone, 'remote', 'add', 'origin', at('remote.git')]);
  mkdirSync(join(clone, 'infra'));
  writeFileSync(join(clone, 'workspace.yaml'), `name: ${name}\nproviders:\n  local: {}\nreview: none\n`);
  const environment = { ...process.env, PROVISIONING_HOME: at('home') };
  const settings = at('home/hosts/containers.conf');
  const run: LocalWorkspace['run'] = (args, more = {}) =>
    ran(['node', PROGRAM, ...args], { cwd: clone, env: { ...environment, ...more } });
  const podman = (...args: readonly string[]): Promise<string> =>
    runProgram(['podman', ...args], { cwd: directory, env: { ...process.env, CONTAINERS_CONF: settings } });
  const ssh = async (server: string, command: string): Promise<string> => {
    const { outputs } = JSON.parse((await run(['state', 'show', `server/${server}`])).printed) as {
      readonly outputs: { readonly publicIp: string; readonly hostKey: string };
    };
    writeFileSync(at('known_hosts'), `${outputs.publicIp} ${outputs.hostKey}\n`);
    const options = [`UserKnownHostsFile=${at('known_hosts')}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes'];
    const flags = options.flatMap(option => ['-o', option]);
    const argv = ['ssh', '-i', at('identity'), ...flags, `root@${outputs.publicIp}`, command] as const;
    return patiently(() => runProgram([...argv]));
  };
  const listed = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await podman(...args, '--format', '{{.Name}}')).split('\n').filter(line => line.startsWith(`${name}-`));
  return {
    directory,
    publicKey,
    async push(infra) {
      writeFileSync(join(clone, 'infra/main.yaml'), infra);
      await runProgram(['git', '-C', clone, 'add', '.']);
      const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
      await runProgram(['git', '-C', clone, ...who, 'commit', '-qm', 'Describe the hosts']);
      await runProgram(['git', '-C', clone, 'push', '-q', 'origin', 'main']);
    },
    run,
    podman,
    ssh,
    async leftovers() {
      const containers = (await podman('ps', '-a', '--format', '{{.Names}}')).split('\n');
      return [
        ...containers.filter(line => line.startsWith(`${name}-`)),
        ...(await listed('volume', 'ls')),
        ...(await listed('network', 'ls')),
      ];
    },
    async close() {
      await run(['destroy', '--auto-approve', '--allow-deletes', '100']);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ran([program, ...args]: readonly [string, ...string[]], how: object): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { printed: '', said: '' };
    child.stdout?.on('data', (chunk: Buffer) => (texts.printed += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (texts.said += chunk.toString()));
    child.on('error', reject);
    child.on('close', code => resolve({ code, ...texts }));
  });
}

/** Longest time in milliseconds until a new host lets somebody in. */
const READY_MS = 30_000;

/** Tries until it works: a host that was just started is not there at once. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until || /verification failed/i.test(String(error))) throw error;
    }
  }
}
