import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { openForge, type TestForge } from '../forge/forge.ts';
import type { TestRepository } from '../forge/repository.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

type Environment = { readonly [name: string]: string };

/** What the program says about one run. */
export interface Said {
  readonly passes: { readonly status: string; readonly writes: number }[];
  readonly reviews: { readonly stage: string }[];
}

/** The shipped program, a fake of GitHub over real Git, and a cloud, each a process or a server of its own. */
export interface GithubSite {
  readonly forge: TestForge;
  readonly cloud: DemoCloud;
  /** A repository with a workspace that asks for review, and two people. `settings`: further lines of its workspace file. */
  published(settings?: string): Promise<TestRepository>;
  credentials(): { readonly App: Environment; readonly token: Environment };
  /** The program, as a person or a supervisor starts it. */
  provisioning(repository: TestRepository, credential: Environment, ...words: string[]): Promise<Said>;
  /** The program as a service with a door for webhooks; it looks at nothing by itself for an hour. */
  watching(repository: TestRepository, credential: Environment, secret: string): Promise<Watching>;
  close(): Promise<void>;
}

export interface Watching {
  /** Address for webhooks. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function openGithubSite(): Promise<GithubSite> {
  const directory = mkdtempSync(join(tmpdir(), 'provisioning-github-'));
  const cloud = await startDemoCloud();
  const forge = await openForge();
  const environment: Environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    PROVISIONING_HOME: join(directory, 'home'),
    GITHUB_SERVER_URL: forge.url,
    GITHUB_API_URL: forge.apiUrl,
  };
  return {
    forge,
    cloud,
    async published(settings = '') {
      const files = { 'workspace.yaml': `name: shop\n${settings}providers:\n  demo: { url: "${cloud.url}" }\n` };
      const repository = await forge.repository('acme/infrastructure', { files });
      repository.grant('ann', 'write');
      repository.grant('ben', 'write');
      return repository;
    },
    credentials() {
      const app = forge.app({ slug: 'provisioning', repositories: ['acme/infrastructure'] });
      return {
        App: { GITHUB_APP_ID: app.appId, GITHUB_APP_PRIVATE_KEY: app.privateKey },
        token: { GITHUB_TOKEN: forge.token('robot') },
      };
    },
    async provisioning(repository, credential, ...words) {
      const args = [program, ...words, '--repository', repository.gitUrl, '--json'];
      const env = { ...environment, ...credential };
      const { stdout } = await run(process.execPath, args, { env }).catch(
        (error: { stdout: string; stderr: string }) => {
          if (error.stdout === '') throw new Error(error.stderr);
          return error;
        },
      );
      return JSON.parse(stdout) as Said;
    },
    async watching(repository, credential, secret) {
      const words = ['reconcile', '--watch', '--interval', '3600', '--listen', '0', '--repository', repository.gitUrl];
      const more = { PROVISIONING_WEBHOOK_SECRET: secret, PROVISIONING_LOG: 'json' };
      const child = spawn(process.execPath, [program, ...words], { env: { ...environment, ...credential, ...more } });
      const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
      let said = '';
      const url = new Promise<string>((resolve, reject) => {
        child.stderr.on('data', part => {
          said += String(part);
          const found = /"url":"(http[^"]+webhooks[^"]+)"/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
        void ended.then(() => reject(new Error(`it ended: ${said}`)));
      });
      const stop = (): Promise<void> => {
        child.kill('SIGINT');
        return ended;
      };
      return { url: await url, stop };
    },
    async close() {
      await forge.close();
      await cloud.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
