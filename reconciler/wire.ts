import { join } from 'node:path';
import { fileAudit } from '../platform/audit/file.ts';
import { localEngine } from '../platform/containers/engine.ts';
import { hostImages } from '../platform/containers/host-images.ts';
import { engineReport } from '../platform/containers/report.ts';
import { withSockets } from '../platform/containers/unix-fetch.ts';
import { runningDemoCloud } from '../platform/demo-cloud/running.ts';
import { openLocal } from '../platform/git/local.ts';
import { hasBook } from '../platform/git/forge-book.ts';
import { gitForge, type PlainForge } from '../platform/git/git-forge.ts';
import { mirrorOf, openMirror } from '../platform/git/mirror.ts';
import { nativeGit } from '../platform/git/native.ts';
import { reviewGit } from '../platform/git/review-git.ts';
import { reviewStore } from '../platform/git/review-store.ts';
import { readWorktree } from '../platform/git/worktree.ts';
import { thisHolder } from '../platform/home/holder.ts';
import type { Log } from '../platform/log/port.ts';
import { mayNameServices } from '../schemas/parse/services.ts';
import { loadSafely } from '../platform/parser/load.ts';
import { masked, watched } from '../platform/redact/masked.ts';
import type { Redactor } from '../platform/redact/port.ts';
import { sopsStore } from '../platform/secrets/store.ts';
import { openShelf } from '../platform/shelf/disk.ts';
import { absent, ensureRepository, writeNew } from '../platform/starter/starter.ts';
import { readText } from '../platform/starter/reading.ts';
import { openGitState } from '../platform/state/git-state.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { Forge } from '../schemas/forge.ts';
import type { Git } from '../schemas/git.ts';
import type { OpenHost } from '../schemas/host.ts';
import type { LoadInput } from '../schemas/parse/load.ts';
import { type Hosts, openHosts } from '../platform/github/hosts.ts';
import type { Secrets } from '../schemas/secret.ts';
import type { ProviderEntry } from '../schemas/workspace.ts';
import type { World } from '../schemas/world.ts';
import type { OpenDoor, Ports, ReviewPorts, StagePort } from './ports.ts';
import { REQUEST_MS } from './session.ts';

export interface WireOptions {
  readonly world: World;
  readonly log: Log;
  readonly home: string;
  readonly tool: string;
  /** Lease time in milliseconds; the default is the state chain's own. */
  readonly leaseMs?: number;
  readonly openDoor?: OpenDoor;
  /** Where credentials of a Git host are looked for. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** What stands before everything that leaves the process. */
  readonly redactor: Redactor;
  /** Folder of the examples, and the command that starts this very program. Without them there is no tour. */
  readonly own?: { readonly examples: string; readonly program: readonly [string, ...string[]] };
}

/** Puts the concrete adapters behind the ports. No other file names them. */
export function wire(given: WireOptions): Ports {
  const { world, home, tool, redactor } = given;
  const options = { ...given, log: masked(given.log, redactor), environment: watched(given.environment, redactor) };
  const { log } = options;
  const hosts = openHosts(options);
  const git = nativeGit(hosts.credential);
  const keys = { environment: options.environment, fetch: globalThis.fetch, folder: join(home, 'keys') };
  const secrets: Secrets = reference => Promise.resolve(options.environment[reference.replace(/^env:/, '')]);
  return {
    world,
    log,
    home,
    tool,
    holder: thisHolder(world),
    audit: masked(fileAudit(home, world), redactor),
    fetch: withSockets(globalThis.fetch),
    providers: PROVIDERS,
    defaults: (driver, entry) => defaultsFor(driver, entry, options),
    engine: entry => engineReport({ home, environment: options.environment, ...entry }, withSockets(globalThis.fetch)),
    images: hostImages({ fetch: withSockets(globalThis.fetch), engine: () => localEngine(options) }),
    secrets,
    services: servicesWith,
    openHost: lazyHosts(given, secrets),
    secretStore: sopsStore(keys),
    mask: redactor.add,
    openVault: async () => {
      // Loaded here, because only who changes secrets needs its libraries.
      const { openVault } = await import('../platform/secrets/vault/vault.ts');
      return openVault({ ...keys, now: world.clock.now, git });
    },
    openIssuer: async () => (await import('../platform/secrets/issue/issuer.ts')).openIssuer(options.environment),
    shelf: masked(openShelf(join(home, 'plans')), redactor),
    folders: {
      files: async directory => (await readWorktree(directory, '')).files,
      absent,
      writeNew,
      ensureRepository,
      readText,
    },
    stage: stagePort(options),
    // Loaded here, because most commands read no workspace.
    load: async input => loadSafely({ ...input, ...(await catalogues(input.files)) }),
    openMirror: url => openMirror({ url, home, world, git }),
    openReview: where => openReview(options, { git, hosts }, where),
    openDoor: options.openDoor ?? null,
    openPlainForge: where => plainForge(options, git, where),
    openLocal: directory => openLocal({ dir: directory }),
    openState: ({ remote, workspace }) => {
      const { leaseMs } = options;
      const lease =
        leaseMs === undefined ? {} : { ttlMs: leaseMs, callMs: Math.min(REQUEST_MS, Math.ceil(leaseMs / 3)) };
      // Neither the chain nor whoever adds to it gets anything secret.
      return masked(openGitState({ remote, home, workspace, world, git, ...lease }), redactor, ['take']);
    },
  };
}

/** What this machine knows and a workspace file does not say. */
async function defaultsFor(
  driver: string,
  entry: ProviderEntry['config'],
  { home, environment }: WireOptions,
): Promise<{ readonly [key: string]: unknown }> {
  if (driver === 'demo') return demoDefaults(home);
  return driver === 'local' ? { ...(await localEngine({ home, environment, ...entry })) } : {};
}

/** What files may name besides providers; nothing where they name none, because all of it takes longer to load than most files to read. */
async function catalogues(files: LoadInput['files']): Promise<Pick<LoadInput, 'services' | 'declare' | 'templates'>> {
  const hasOwn = [...files.keys()].some(path => /^(?:clusters|taskservs)\//.test(path));
  if (!hasOwn && !mayNameServices(files)) return {};
  const [{ TASKSERVS }, { declaredService }, { CLUSTERS }] = await Promise.all([
    import('../taskservs/index.ts'),
    import('../taskservs/host/declared.ts'),
    import('../clusters/index.ts'),
  ]);
  return { services: TASKSERVS, declare: declaredService, templates: CLUSTERS };
}

const servicesWith: Ports['services'] = async own => {
  const [{ TASKSERVS }, { declaredServices }] = await Promise.all([
    import('../taskservs/index.ts'),
    import('../taskservs/host/declared.ts'),
  ]);
  return { ...TASKSERVS, ...declaredServices(own) };
};

/** SSH is loaded when the first host is opened, because most commands open none. */
function lazyHosts({ world, environment }: WireOptions, secrets: Secrets): OpenHost {
  let opened: Promise<OpenHost> | undefined;
  return async target => {
    opened ??= import('../platform/ssh/hosts.ts').then(({ openHosts }) =>
      openHosts({ world, secrets, agent: environment['SSH_AUTH_SOCK'] }),
    );
    return (await opened)(target);
  };
}

/** Where the demo cloud of this machine listens, when one runs. */
function demoDefaults(home: string): { readonly [key: string]: unknown } {
  const running = runningDemoCloud(join(home, 'demo-cloud'));
  return running === null ? {} : { url: running.url };
}

function stagePort(options: WireOptions): StagePort | null {
  const own = options.own;
  if (own === undefined) return null;
  return {
    async open(example) {
      // Loaded here, because only the tour needs it.
      const { openStage } = await import('../platform/stage/stage.ts');
      const stage = await openStage({ example: join(own.examples, example), program: own.program, startMs: 10_000 });
      const ports = wire({ ...options, home: join(stage.directory, 'home') });
      return { stage, ports: { ...ports, defaults: () => Promise.resolve({ url: stage.cloudUrl }) } };
    },
  };
}

interface Where {
  readonly url: string;
  readonly branch: string;
}

async function plainForge({ home, world }: WireOptions, git: Git, { url, branch }: Where): Promise<PlainForge> {
  await openMirror({ url, home, world, git });
  const mirror = mirrorOf({ url, home });
  return gitForge(git, { ...mirror, base: branch, now: world.clock.now, review: reviewGit(git, mirror) });
}

async function openReview(
  options: WireOptions,
  parts: { readonly git: Git; readonly hosts: Hosts },
  where: Where,
): Promise<ReviewPorts | null> {
  const { git, hosts } = parts;
  const mirror = mirrorOf({ url: where.url, home: options.home });
  const plain = async (): Promise<Forge | null> =>
    (await hasBook(git, mirror)) ? plainForge(options, git, where) : null;
  const forge = (await hosts.forge(where.url)) ?? (await plain());
  return forge === null
    ? null
    : { forge: masked(forge, options.redactor), git: reviewGit(git, mirror), store: reviewStore(git, mirror) };
}
