import type { Account, Actor, App, Repository, Token } from './model.ts';
import { notFound } from './refusal.ts';

/** The forge's own time. Every event gets a second of its own, because GitHub's times have no smaller part. */
export interface ServerClock {
  /** Milliseconds, always a whole second, never behind the newest event. */
  now(): number;
  /** ISO time of a new event. */
  tick(): string;
}

/** Everything the parts of the forge share. */
export interface Hub {
  /** Folder of the bare repositories. */
  readonly root: string;
  /** Known only once the server listens. */
  url: string;
  readonly clock: ServerClock;
  readonly accounts: Map<string, Account>;
  readonly repositories: Map<string, Repository>;
  readonly apps: Map<number, App>;
  readonly tokens: Map<string, Token>;
  /** Ids are one row for all things, as nothing may rely on their order within one kind. */
  nextId(): number;
  /** One change at a time. What is called inside must not ask for the lock again. */
  lock<T>(run: () => Promise<T>): Promise<T>;
  /** Whether anybody listens to an event. */
  hears(event: string, repository: Repository): boolean;
  /** Sends a webhook. The body is made only when somebody listens. */
  emit(event: string, of: { readonly repository: Repository; readonly by: string }, body: () => object): void;
}

/** A clock that follows another one, second by second. */
export function serverClock(source: () => number): ServerClock {
  let last = 0;
  const seconds = (): number => Math.floor(source() / 1000) * 1000;
  return {
    now: () => Math.max(seconds(), last),
    tick() {
      last = Math.max(seconds(), last + 1000);
      return isoOf(last);
    },
  };
}

/** ISO time without milliseconds. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Runs what it is given one after another. */
export function turnstile(): Hub['lock'] {
  let last: Promise<unknown> = Promise.resolve();
  return run => {
    const mine = last.then(run, run);
    last = mine.catch(() => {});
    return mine;
  };
}

/** The account with this login, made when there is none. */
export function accountOf(hub: Hub, login: string): Account {
  const known = hub.accounts.get(login);
  if (known !== undefined) return known;
  const account: Account = { id: hub.nextId(), login, kind: login.endsWith('[bot]') ? 'Bot' : 'User' };
  hub.accounts.set(login, account);
  return account;
}

/** Somebody who uses the website, or an App at work. */
export function person(hub: Hub, login: string): Actor {
  const app = [...hub.apps.values()].find(({ slug }) => login === `${slug}[bot]`) ?? null;
  return { login: accountOf(hub, login).login, app };
}

/** The repository with this full name. Throws Refusal 404. */
export function repositoryOf(hub: Hub, fullName: string): Repository {
  const found = hub.repositories.get(fullName);
  if (found === undefined) throw notFound();
  return found;
}
