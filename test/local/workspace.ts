import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
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

/** How the program is run. */
export interface Running {
  readonly environment?: NodeJS.ProcessEnv;
  /** What it reads. */
  readonly input?: string;
  /** Is told every line of its progress as it comes. */
  readonly say?: (line: string) => void;
}

/** A workspace on a real Git remote, applied by the shipped program to hosts on this machine. */
export interface LocalWorkspace {
  readonly directory: string;
  /** The work tree, the shipped program, the file of the private key, and what the program needs in its environment. */
  readonly clone: string;
  readonly program: string;
  readonly identity: string;
  readonly environment: { readonly PROVISIONING_HOME: string; readonly PROVISIONING_SSH_KEY: string };
  readonly publicKey: string;
  /** Writes files, commits everything and pushes it. */
  push(files: { readonly [path: string]: string }, message: string): Promise<void>;
  run(args: readonly string[], how?: Running): Promise<Ran>;
  /** The command of the engine; podman with the settings of the product's own. */
  engine(...args: readonly string[]): Promise<string>;
  /** What was recorded of a server. */
  outputs(server: string): Promise<{ readonly publicIp: string; readonly hostKey: string }>;
  /** Plain `ssh` to a recorded server, whose key is known from its output alone; `input` is what the command reads. */
  ssh(server: string, command: string, input?: string): Promise<string>;
  /** What the engine still has of this workspace: containers, volumes, networks. */
  leftovers(): Promise<readonly string[]>;
  /** Deletes everything that is recorded. */
  destroy(say?: (line: string) => void): Promise<Ran>;
  /** Destroys and removes every file. */
  close(): Promise<void>;
}

/** Where a workspace begins, and what ends it early. */
interface Beginning {
  /** Folder of an example, whose `infra/ssh-key.yaml` gets the key of this run. */
  readonly example?: string;
  /** What runs then is asked to stop, as by Ctrl-C. */
  readonly stop?: AbortSignal;
}

const WHO = ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.com'];

/** The engine that hosts run on: podman, or a Docker that DOCKER_HOST names and somebody started. */
export const ENGINE = process.env['PROVISIONING_TEST_ENGINE'] === 'docker' ? 'docker' : 'podman';

/** `name` is that of the workspace, and must be different for every one that lives at the same time. */
export async function openLocalWorkspace(name: string, { example, stop }: Beginning = {}): Promise<LocalWorkspace> {
  const directory = mkdtempSync(join(tmpdir(), 'provisioning-local-'));
  const at = (path: string): string => join(directory, path);
  const clone = at('clone');
  const { privateKey, publicKey } = generateKey();
  writeFileSync(at('identity'), privateKey, { mode: 0o600 });
  await runProgram(['git', 'init', '-q', '--bare', '-b', 'main', at('remote.git')]);
  await runProgram(['git', 'init', '-q', '-b', 'main', clone]);
  await runProgram(['git', '-C', clone, 'remote', 'add', 'origin', at('remote.git')]);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  };
  if (example === undefined)
    write('workspace.yaml', `name: ${name}\nproviders:\n  local: { engine: ${ENGINE} }\nreview: none\n`);
  else {
    cpSync(example, clone, { recursive: true });
    write('infra/ssh-key.yaml', `ssh-key:\n  me: { publicKey: "${publicKey}" }\n`);
  }
  const environment = { PROVISIONING_HOME: at('home'), PROVISIONING_SSH_KEY: at('identity') };
  const run: LocalWorkspace['run'] = (args, { environment: more, ...how } = {}) =>
    ran(['node', PROGRAM, ...args], { ...how, cwd: clone, env: { ...process.env, ...environment, ...more }, stop });
  const destroy: LocalWorkspace['destroy'] = async say => {
    const { printed } = await run(['state', 'list', '--json']);
    const { objects } = JSON.parse(printed) as { readonly objects: readonly unknown[] };
    const args = ['destroy', '--auto-approve', '--allow-deletes', String(objects.length)];
    return run(args, say === undefined ? {} : { say });
  };
  return {
    directory,
    clone,
    program: PROGRAM,
    identity: at('identity'),
    environment,
    publicKey,
    async push(files, message) {
      for (const [path, text] of Object.entries(files)) write(path, text);
      await runProgram(['git', '-C', clone, 'add', '.']);
      await runProgram(['git', '-C', clone, ...WHO, 'commit', '-qm', message]);
      await runProgram(['git', '-C', clone, 'push', '-q', 'origin', 'main']);
    },
    run,
    ...lookingAt(name, directory, run),
    destroy,
    async close() {
      const { code, said } = await destroy();
      // What could still put it right is kept then.
      if (code !== 0) throw new Error(`${directory} stays, because destroy ended with ${code}: ${said}`);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Everything that goes past the program: to the engine, and to a host. */
function lookingAt(
  name: string,
  directory: string,
  run: LocalWorkspace['run'],
): Pick<LocalWorkspace, 'engine' | 'outputs' | 'ssh' | 'leftovers'> {
  const at = (path: string): string => join(directory, path);
  const env = { ...process.env, CONTAINERS_CONF: at('home/hosts/containers.conf') };
  const engine: LocalWorkspace['engine'] = (...args) => runProgram([ENGINE, ...args], { cwd: directory, env });
  const outputs: LocalWorkspace['outputs'] = async server => {
    const { printed } = await run(['state', 'show', `server/${server}`]);
    return (JSON.parse(printed) as { readonly outputs: Awaited<ReturnType<LocalWorkspace['outputs']>> }).outputs;
  };
  const listed = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await engine(...args)).split('\n').filter(line => line.startsWith(`${name}-`));
  return {
    engine,
    outputs,
    async ssh(server, command, input = '') {
      const { publicIp, hostKey } = await outputs(server);
      writeFileSync(at('known_hosts'), `${publicIp} ${hostKey}\n`);
      const options = [`UserKnownHostsFile=${at('known_hosts')}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes'];
      const flags = options.flatMap(option => ['-o', option]);
      const words = ['-i', at('identity'), ...flags, `root@${publicIp}`, command];
      return patiently(() => runProgram(['ssh', ...words], { input: Buffer.from(input) }));
    },
    async leftovers() {
      return [
        ...(await listed('ps', '-a', '--format', '{{.Names}}')),
        ...(await listed('volume', 'ls', '--format', '{{.Name}}')),
        ...(await listed('network', 'ls', '--format', '{{.Name}}')),
      ];
    },
  };
}

interface Start extends Omit<Running, 'environment'> {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stop: AbortSignal | undefined;
}

/** In a group of its own, so that Ctrl-C at a terminal reaches it once, and through us. */
function ran([program, ...args]: readonly [string, ...string[]], start: Start): Promise<Ran> {
  const { cwd, env, stop, input = '', say } = start;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: 'pipe' });
    const onStop = (): boolean => child.kill('SIGINT');
    stop?.addEventListener('abort', onStop);
    const texts = { printed: '', said: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.said += chunk.toString()));
    if (say !== undefined) createInterface(child.stderr).on('line', say);
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', code => {
      stop?.removeEventListener('abort', onStop);
      resolve({ code, ...texts });
    });
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
