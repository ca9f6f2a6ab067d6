import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type RepositoryAsked } from './branches.ts';
import { type Delivery, type HookAsked, openHooks } from './hooks.ts';
import { accountOf, type Hub, person, serverClock, turnstile } from './hub.ts';
import type { App, Permissions } from './model.ts';
import { type TestRepository, testRepository } from './repository.ts';
import { type LedgerEntry, serveForge } from './server.ts';
import { appShape, repositoryShape, userShape } from './shapes.ts';
import { issueToken } from './sign-in.ts';
import { type FaultAsked, type LimitAsked, openTrouble, type ThrottleAsked } from './trouble.ts';

export interface ForgeOptions {
  /** Milliseconds; the real clock unless told otherwise. The forge's own times never stand still: each event has its own second. */
  readonly now?: () => number;
}

/** What a token may do, and where; all that its account may unless told otherwise. */
export interface TokenLimits {
  readonly permissions?: Permissions;
  readonly repositories?: readonly string[];
}

/** A GitHub App that a test made. */
export interface TestApp {
  readonly appId: string;
  /** PEM text. */
  readonly privateKey: string;
  readonly installationId: number;
  /** `slug[bot]` */
  readonly login: string;
  /** A token of its installation, as a workflow has one. */
  token(limits?: TokenLimits): string;
}

/** A GitHub of our own: real Git repositories, REST below `/api/v3`, webhooks, all on one loopback port. */
export interface TestForge {
  readonly url: string;
  readonly apiUrl: string;
  /** With a token the address carries it, so that `git` needs nothing else. */
  gitUrl(repository: string, token?: string): string;
  close(): Promise<void>;

  /** Makes a repository with one commit of these files; private, and its owner is its admin. */
  repository(name: string, asked?: RepositoryAsked): Promise<TestRepository>;
  /** Deletes a repository, as the owner of a fork does after a while. */
  remove(name: string): void;
  /** Makes an account that nobody mentioned yet. Accounts of actors come by themselves. */
  account(login: string): void;
  /** Of a person. `limits` makes it a fine-grained one. */
  token(login: string, limits?: TokenLimits): string;
  /** Ends all tokens of an account. */
  revoke(login: string): void;
  app(app: {
    readonly slug: string;
    readonly repositories: readonly string[];
    readonly permissions?: Permissions;
  }): TestApp;

  /** Every REST request, oldest first. */
  readonly ledger: readonly LedgerEntry[];
  /** Every request of a Git client, oldest first. */
  readonly gitLedger: readonly LedgerEntry[];
  fail(fault: FaultAsked): void;
  limit(limit: LimitAsked): void;
  throttle(throttle: ThrottleAsked): void;

  /** Sends webhooks to an address from now on, a ping first. */
  hook(hook: HookAsked): void;
  deliveries(): readonly Delivery[];
  /** Sends one delivery, also a dropped one, and tells the answer's status; 0 when none came. */
  redeliver(id: string): Promise<number>;
  /** Waits until every change is done and every webhook has been answered. */
  settled(): Promise<void>;
}

const PERMISSIONS: Permissions = {
  checks: 'write',
  contents: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

/** Starts a forge. Close it, or the test does not end. */
export async function openForge(options: ForgeOptions = {}): Promise<TestForge> {
  const root = mkdtempSync(join(tmpdir(), 'forge-'));
  const hooks = openHooks();
  const hub = newHub(root, options.now ?? Date.now, hooks);
  const trouble = openTrouble(hub.clock);
  const server = await serveForge(hub, trouble);
  hub.url = server.url;
  return {
    url: server.url,
    apiUrl: `${server.url}/api/v3`,
    gitUrl(repository, token) {
      const login = token === undefined ? '' : `x-access-token:${token}@`;
      return `${server.url.replace('//', `//${login}`)}/${repository}.git`;
    },
    async close() {
      await server.close();
      await hub.lock(() => Promise.resolve());
      await hooks.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
    repository: (name, asked = {}) =>
      hub.lock(async () => testRepository(hub, await createRepository(hub, name, asked))),
    remove: name => void hub.repositories.delete(name),
    account: login => void accountOf(hub, login),
    token: (login, limits) => issueToken(hub, person(hub, login), limits),
    revoke(login) {
      for (const token of hub.tokens.values()) if (token.actor.login === login) token.isRevoked = true;
    },
    app: asked => newApp(hub, asked),
    ledger: server.rest,
    gitLedger: server.git,
    fail: trouble.fail,
    limit: trouble.limit,
    throttle: trouble.throttle,
    hook: hooks.add,
    deliveries: hooks.deliveries,
    redeliver: hooks.redeliver,
    async settled() {
      await hub.lock(() => Promise.resolve());
      await hooks.settled();
    },
  };
}

function newHub(root: string, now: () => number, hooks: ReturnType<typeof openHooks>): Hub {
  let id = 1_000;
  const hub: Hub = {
    root,
    url: 'http://127.0.0.1',
    clock: serverClock(now),
    accounts: new Map(),
    repositories: new Map(),
    apps: new Map(),
    tokens: new Map(),
    nextId: () => (id += 1),
    lock: turnstile(),
    hears: (event, { fullName }) => hooks.wants(event, fullName),
    emit(event, { repository, by }, body) {
      if (!hub.hears(event, repository)) return;
      const app = [...hub.apps.values()].find(({ repositories }) => repositories.has(repository.fullName));
      hooks.emit(event, repository.fullName, {
        ...body(),
        repository: repositoryShape(hub, repository),
        sender: userShape(hub, by),
        ...(app === undefined ? {} : { installation: { id: app.installation, app_slug: appShape(hub, app)['slug'] } }),
      });
    },
  };
  return hub;
}

function newApp(
  hub: Hub,
  asked: { readonly slug: string; readonly repositories: readonly string[]; readonly permissions?: Permissions },
): TestApp {
  // Short, because it is made often and guards nothing.
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const app: App = {
    id: hub.nextId(),
    slug: asked.slug,
    installation: hub.nextId(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    permissions: { metadata: 'read', ...(asked.permissions ?? PERMISSIONS) },
    repositories: new Set(asked.repositories),
  };
  hub.apps.set(app.id, app);
  const login = `${asked.slug}[bot]`;
  accountOf(hub, login);
  return {
    appId: String(app.id),
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    installationId: app.installation,
    login,
    token: limits =>
      issueToken(hub, { login, app }, { permissions: app.permissions, repositories: asked.repositories, ...limits }),
  };
}
