import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import type { ProfileName, SettingsInput } from '../../platform/demo-cloud/settings.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';
import { git } from './git.ts';
import type { Phase, Shape } from './shape.ts';
import type { Thing } from './thing.ts';

/** Folder of the workspace inside its repository, so that a commit can leave it untouched. */
export const FOLDER = 'shop';

/** Branch that carries the record. */
export const STATE_REF = 'refs/heads/provisioning/state/shop';

/** Everything one case has to itself: a remote, a clone, a folder for local files, and its clouds. */
export interface Site {
  readonly root: string;
  readonly remote: string;
  readonly clone: string;
  readonly home: string;
  readonly clouds: readonly DemoCloud[];
  readonly profile: ProfileName;
  readonly shape: Shape;
  /** Credentials of the clouds, where they are not demo clouds. */
  readonly environment?: { readonly [name: string]: string };
  /** Words for every command about the workspace: its environment. */
  readonly words?: readonly string[];
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly profile: ProfileName;
  readonly settings?: SettingsInput;
  /** Leaves the folder for a look afterwards. */
  readonly keep?: boolean;
}

/** Reads see a write this much later on a cloud that is only consistent in the end. Short, because every look-up waits for it. */
const EC2_LAG_MS = 150;

export async function openSite(shape: Shape, options: SiteOptions): Promise<Site> {
  const root = mkdtempSync(join(tmpdir(), 'crash-'));
  const remote = join(root, 'remote.git');
  const clone = join(root, 'clone');
  const home = homeOf(root, 'home');
  await git(root, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  await git(root, 'clone', '--quiet', remote, clone);
  await git(clone, 'checkout', '--quiet', '-B', 'main');
  const settings = {
    profile: options.profile,
    actionMs: [5, 40] as [number, number],
    ...(options.profile === 'ec2' ? { readLagMs: EC2_LAG_MS } : {}),
    ...options.settings,
  };
  const clouds = await Promise.all(
    Array.from({ length: shape.clouds }, (_, index) =>
      startDemoCloud({ settings: { ...settings, account: `account-${index}`, seed: index + 1 } }),
    ),
  );
  const site = { root, remote, clone, home, clouds, profile: options.profile, shape };
  for (const body of shape.foreign) administer(site, 'POST', 'objects', body);
  return {
    ...site,
    async close() {
      await Promise.all(clouds.map(cloud => cloud.close()));
      if (options.keep !== true) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A further folder for local files, as another machine would have. */
export function homeOf(root: string, name: string): string {
  const home = join(root, name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return home;
}

/** A call of the cloud's administrator, who obeys no rules. */
export function administer(
  site: Pick<Site, 'clouds'>,
  method: string,
  path: string,
  body?: JsonObject,
  cloud = 0,
): Json {
  const text = body === undefined ? '' : JSON.stringify(body);
  const reply = site.clouds[cloud]?.core.handle(
    { method, path: `/admin/${path}`, headers: {}, body: text },
    Date.now(),
  );
  if (reply === undefined || reply.status >= 300)
    throw new Error(`admin ${method} ${path}: ${reply?.body ?? 'no such cloud'}`);
  return JSON.parse(reply.body) as Json;
}

/** Commits a phase as the newest state of the branch and pushes it. */
export async function commitPhase(site: Site, phase: Phase, subject: string): Promise<string> {
  const files = { 'workspace.yaml': workspaceFile(site, phase), 'infra/all.yaml': infraFile(phase) };
  const folder = join(site.clone, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  return commitFiles(
    site,
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`${FOLDER}/${path}`, text])),
    subject,
  );
}

/** Writes files of the repository, commits and pushes them. */
export async function commitFiles(
  site: Site,
  files: { readonly [path: string]: string },
  subject: string,
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(site.clone, path)), { recursive: true });
    writeFileSync(join(site.clone, path), text);
  }
  await git(site.clone, 'add', '--all');
  await git(site.clone, 'commit', '--quiet', '--allow-empty', '-m', subject);
  await git(site.clone, 'push', '--quiet', 'origin', 'main');
  return git(site.clone, 'rev-parse', 'HEAD');
}

function workspaceFile(site: Site, phase: Phase): string {
  const late = site.profile === 'ec2' ? { visibleAfterMs: 2 * EC2_LAG_MS } : {};
  const providers = site.clouds.map((cloud, index) => [
    providerName(index),
    { driver: 'demo', url: cloud.url, profile: site.profile, ...late },
  ]);
  const first = {
    name: 'shop',
    providers: Object.fromEntries(providers) as JsonObject,
    defaultProvider: providerName(0),
  };
  return stringify({ review: 'none', drift: { everySeconds: 10 }, ...phase.settings, ...first });
}

function providerName(index: number): string {
  return `demo-${index}`;
}

/** The things as a person writes them: by kind, then name; task services under their server. */
function infraFile(phase: Phase): string {
  const kinds: { [kind: string]: { [name: string]: { [field: string]: Json } } } = {};
  for (const thing of phase.things.filter(one => !isService(one))) {
    const provider = thing.cloud === undefined ? {} : { provider: providerName(thing.cloud) };
    (kinds[thing.kind] ??= {})[thing.name] = { ...thing.says, ...provider };
  }
  for (const thing of phase.things.filter(isService)) {
    const on = kinds['server']?.[thing.name];
    if (on === undefined) throw new Error(`${thing.kind} has no server ${thing.name}`);
    on['taskservs'] = {
      ...(on['taskservs'] as JsonObject | undefined),
      [thing.kind.slice('taskserv.'.length)]: thing.says,
    };
  }
  return stringify({ ...kinds, ...phase.also });
}

function isService(thing: Thing): boolean {
  return thing.kind.startsWith('taskserv.');
}
