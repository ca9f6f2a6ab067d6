import { createRedactor } from '../../platform/redact/redactor.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { simpleGit } from 'simple-git';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import type { SettingsInput } from '../../platform/demo-cloud/settings.ts';
import { systemWorld } from '../../platform/clock/world.ts';
import type { ApplyOptions } from '../../reconciler/apply.ts';
import { discover } from '../../reconciler/discover.ts';
import { pass } from '../../reconciler/pass.ts';
import type { Ports } from '../../reconciler/ports.ts';
import type { PassReport } from '../../reconciler/report.ts';
import { wire } from '../../reconciler/wire.ts';
import type { Target } from '../../reconciler/target.ts';
import type { ProgressEvent } from '../../schemas/progress.ts';

/** A real remote, a real clone, a real demo cloud over HTTP, and the ports of the product on them. */
export interface Site {
  readonly directory: string;
  readonly remote: string;
  readonly clone: string;
  readonly cloud: DemoCloud;
  readonly ports: Ports;
  readonly events: ProgressEvent[];
  readonly stop: AbortController;
  /** Writes files (null removes one), commits and pushes; the commit. */
  push(files: { readonly [path: string]: string | null }, message?: string): Promise<string>;
  /** The same on top of what the clone holds, to another branch; `main` of the remote stays as it is. */
  pushTo(branch: string, files: { readonly [path: string]: string | null }): Promise<string>;
  /** Ports of another machine: its own home, the same remote and cloud. */
  elsewhere(): Ports;
  options(more?: Partial<ApplyOptions>): ApplyOptions & { shown: () => void };
  targets(ports?: Ports): Promise<readonly Target[]>;
  /** One pass over the only workspace. */
  pass(ports?: Ports): Promise<PassReport>;
  /** Writes that reached the cloud since the last time this was asked. */
  writes(): number;
  close(): Promise<void>;
}

export function workspaceFile(url: string, more = 'review: none'): string {
  return `name: shop\n${more}\nproviders:\n  demo: { url: "${url}" }\n`;
}

export async function openSite(
  options: { readonly settings?: SettingsInput; readonly workspace?: string; readonly leaseMs?: number } = {},
): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'provisioning-site-'));
  const remote = join(directory, 'remote.git');
  const clone = join(directory, 'clone');
  const cloud = await startDemoCloud(options.settings === undefined ? {} : { settings: options.settings });
  await simpleGit().raw('init', '--quiet', '--bare', '--initial-branch=main', remote);
  await simpleGit().raw('init', '--quiet', '--initial-branch=main', clone);
  await simpleGit(clone).addRemote('origin', remote);
  await writeFile(join(clone, 'workspace.yaml'), workspaceFile(cloud.url, options.workspace));
  const events: ProgressEvent[] = [];
  const stop = new AbortController();
  const portsAt = (home: string): Ports =>
    wire({
      environment: {},
      redactor: createRedactor(),
      world: systemWorld({}),
      log: { write: () => {} },
      home: join(directory, home),
      tool: '0.0.0-test',
      leaseMs: options.leaseMs ?? 3_000,
    });
  const ports = portsAt('home');
  let homes = 0;
  let seen = 0;
  const site: Site = {
    directory,
    remote,
    clone,
    cloud,
    ports,
    events,
    stop,
    push: (files, message = 'change') => push(clone, files, { message, branch: 'main' }),
    pushTo: (branch, files) => push(clone, files, { message: 'change', branch }),
    elsewhere: () => portsAt(`home-${++homes}`),
    options: more => ({
      actor: 'tester',
      signals: { stop: stop.signal, abort: new AbortController().signal },
      progress: event => events.push(event),
      waitMs: 15_000,
      shown: () => {},
      ...more,
    }),
    async targets(from = ports) {
      const source = await from.openMirror(remote);
      await source.fetch();
      const commit = (await source.head('main')) ?? '';
      return discover(source, { commit, stateRemote: remote, follow: true }, { workspaces: [], env: null });
    },
    async pass(from = ports) {
      const [target] = await site.targets(from);
      if (target === undefined) throw new Error('no workspace');
      return pass(from, target, site.options());
    },
    writes() {
      const entries = cloud.core
        .ledger()
        .filter(entry => entry.effect !== 'none' && entry.method !== 'GET' && !entry.path.startsWith('/admin'));
      const fresh = entries.length - seen;
      seen = entries.length;
      return fresh;
    },
    async close() {
      stop.abort();
      await cloud.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return site;
}

async function push(
  clone: string,
  files: { readonly [path: string]: string | null },
  { message, branch }: { readonly message: string; readonly branch: string },
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) {
      await rm(join(clone, path), { recursive: true });
      continue;
    }
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), text);
  }
  const git = simpleGit(clone);
  await git.add('.');
  await git.raw(
    '-c',
    'user.name=Tester',
    '-c',
    'user.email=tester@localhost',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    message,
  );
  await git.raw('push', '--quiet', '--force', 'origin', `HEAD:${branch}`);
  return git.revparse(['HEAD']);
}

/** Addresses that really exist in the cloud, by the ownership label, sorted. */
export function addresses(site: Site): string[] {
  return site.cloud.core
    .objects()
    .map(object => object.labels['provisioning/address'] ?? `unowned ${object.id}`)
    .sort();
}
