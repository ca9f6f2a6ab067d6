import pLimit from 'p-limit';
import { z } from 'zod';
import { Fault } from '../../schemas/fault.ts';
import type { Clock } from '../../schemas/world.ts';
import type { Ask, Line } from './line.ts';
import type { SignIn } from './sign-in.ts';

/** One repository at the host, asked as the account of this program. Every method throws Fault as the port says. */
export interface Host {
  readonly owner: string;
  readonly repo: string;
  /** The login of this program. Asked once. */
  account(): Promise<string>;
  get<T>(ask: Ask, shape: z.ZodType<T>): Promise<T>;
  /** Null when the host has no such thing; a repository that does not exist is a Fault all the same. */
  find<T>(ask: Ask, shape: z.ZodType<T>): Promise<T | null>;
  /** Every page, or a Fault: never a part. The shape is that of one page and keeps each of its items. */
  list<T>(ask: Ask, shape: z.ZodType<readonly T[]>): Promise<readonly T[]>;
  send<T>(ask: Ask, shape: z.ZodType<T>): Promise<T>;
  /** Runs one writing at a time. It looks first what is there, so it runs again when the answer to a write was lost. */
  write<T>(converge: () => Promise<T>): Promise<T>;
}

const PAGE_SIZE = 100;
/** A host that never stops is not believed. */
const MOST_PAGES = 1_000;
const WRITE_TRIES = 3;
const WRITE_PAUSE_MS = 1_000;

const Anything = z.looseObject({});

/** The repository behind a connection. */
export function openHost(options: {
  readonly line: Line;
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly owner: string;
  readonly repo: string;
}): Host {
  const { line, signIn, clock, owner, repo } = options;
  let account: Promise<string> | null = null;
  const oneByOne = pLimit(1);

  const call = async <T>(ask: Ask, shape: z.ZodType<T>) => {
    const params = { owner, repo, ...ask.params };
    const about = { about: ask.about, repeatable: ask.route.startsWith('GET ') };
    const signed = async () => {
      const token = await signIn.token();
      return line.patiently(about, () => line.call({ ...ask, params, authorization: `token ${token}` }, shape));
    };
    try {
      return await signed();
    } catch (error) {
      // A token of an App ends after an hour, and a new one is not known everywhere at once.
      if (statusOf(error) !== 401 || !signIn.renew()) throw error;
      await clock.sleep(WRITE_PAUSE_MS);
      return signed();
    }
  };
  const get: Host['get'] = async (ask, shape) => (await call(ask, shape)).value;

  return {
    owner,
    repo,
    get,
    send: get,
    account() {
      account ??= signIn.account().catch((error: unknown) => {
        account = null;
        throw error;
      });
      return account;
    },
    async find(ask, shape) {
      try {
        return await get(ask, shape);
      } catch (error) {
        if (statusOf(error) !== 404 && statusOf(error) !== 410) throw error;
        await get({ route: 'GET /repos/{owner}/{repo}', about: `repository ${owner}/${repo}` }, Anything);
        return null;
      }
    },
    async list<T>(ask: Ask, shape: z.ZodType<readonly T[]>) {
      const found: T[] = [];
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const params = { ...ask.params, per_page: PAGE_SIZE, page };
        const { value, hasNext } = await call({ ...ask, params }, shape);
        found.push(...value);
        // A page that is unchanged may carry the link of the time when it was the last one, so a full page is not trusted to be it.
        if (!hasNext && value.length < PAGE_SIZE) return found;
      }
      throw new Fault('unavailable', { id: 'GH-PAGES', what: `GitHub's list of ${ask.about} does not end` });
    },
    write: converge => oneByOne(() => again(clock, converge)),
  };
}

async function again<T>(clock: Clock, converge: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await converge();
    } catch (error) {
      const isLost = error instanceof Fault && error.code === 'unavailable' && !error.nothingChanged;
      if (!isLost || turn >= WRITE_TRIES) throw error;
      await clock.sleep(WRITE_PAUSE_MS * 4 ** (turn - 1));
    }
  }
}

/** The status in a Fault of this folder; undefined for every other error. */
export function statusOf(error: unknown): unknown {
  return error instanceof Fault ? error.data['status'] : undefined;
}
