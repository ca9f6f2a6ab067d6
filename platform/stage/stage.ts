import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { simpleGit } from 'simple-git';
import { Fault } from '../../schemas/fault.ts';

/** A throw-away place to show the product in: a bare remote with one example in it, and a cloud in its own process. */
export interface Stage {
  readonly directory: string;
  /** The bare repository. */
  readonly remote: string;
  /** A clone of it, to edit and push from. */
  readonly clone: string;
  readonly cloudUrl: string;
  /** Writes files into the clone, commits and pushes to a branch, `main` unless told. */
  push(files: { readonly [path: string]: string }, message: string, branch?: string): Promise<void>;
  /** Stops the cloud and removes everything. */
  close(): Promise<void>;
}

export interface StageOptions {
  /** Folder of the example that becomes the first commit. */
  readonly example: string;
  /** Command that runs the demo cloud; its port and folder are added as flags. */
  readonly program: readonly [string, ...string[]];
  /** Longest time in milliseconds until the cloud listens. */
  readonly startMs: number;
}

/** Sets the stage in a new folder below the system's temporary one. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'provisioning-demo-'));
  const remote = join(directory, 'remote.git');
  const clone = join(directory, 'clone');
  const cloud = startCloud(directory, options.program);
  try {
    await simpleGit().raw('init', '--quiet', '--bare', '--initial-branch=main', remote);
    await simpleGit().raw('init', '--quiet', '--initial-branch=main', clone);
    await cp(options.example, clone, { recursive: true });
    const git = simpleGit(clone);
    await git.addRemote('origin', remote);
    const push: Stage['push'] = async (files, message, branch = 'main') => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(clone, path)), { recursive: true });
        await writeFile(join(clone, path), text);
      }
      await git.add('.');
      await git.raw('-c', 'user.name=Demo', '-c', 'user.email=demo@localhost', 'commit', '--quiet', '-m', message);
      await git.push('origin', `HEAD:${branch}`);
    };
    await push({}, 'Describe the infrastructure');
    const cloudUrl = await addressOf(join(directory, 'cloud', 'address.json'), options.startMs);
    const close = async (): Promise<void> => {
      await cloud.stop();
      await rm(directory, { recursive: true, force: true });
    };
    return { directory, remote, clone, cloudUrl, push, close };
  } catch (error) {
    await cloud.stop();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function startCloud(directory: string, [command, ...args]: StageOptions['program']): { stop(): Promise<void> } {
  const flags = ['--port', '0', '--directory', join(directory, 'cloud')];
  const child = spawn(command, [...args, ...flags], { stdio: 'ignore' });
  const ended = new Promise<void>(done => child.once('close', () => done()));
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function addressOf(path: string, startMs: number): Promise<string> {
  const step = 20;
  for (let waitedMs = 0; waitedMs < startMs; waitedMs += step) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') return (JSON.parse(text) as { url: string }).url;
    await new Promise(resolve => setTimeout(resolve, step));
  }
  throw new Fault('unavailable', {
    id: 'DEMO-CLOUD',
    what: 'the demo cloud did not start',
    fix: 'provisioning demo cloud',
  });
}
