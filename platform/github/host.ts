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
  /** Runs one writing at a time. One that looks first what is there `converges`, and runs again when the answer to it was lost. */
  write<T>(converges: boolean, run: () => Promise<T>): Promise<T>;
}

const PAGE_SIZE = 100;
/** A host that never stops is not believed. */
const MOST_PAGES = 1_000;
const WRITE_TRIES = 3;
const WRITE_PAUSE_MS = 1_000;

const Anything = z.looseObject({});

interface Parts {
  readonly line: Line;
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly owner: string;
  readonly repo: string;
}

/** The repository behind a connection. */
export function openHost(parts: Parts): Host {
  const { signIn, clock, owner, repo } = parts;
  const call = calling(parts);
  const oneByOne = pLimit(1);
  let account: Promise<string> | null = null;
  let written = 0;
  const get: Host['get'] = async (ask, shape) => {
    const { value } = await call(ask, shape);
    if (!isQuestion(ask)) written += 1;
    return value;
  };
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
        // An unchanged page may carry the links of the time when it was the last one, so a full page is not believed to be it.
        if (!hasNext && value.length < PAGE_SIZE) return found;
      }
      throw new Fault('unavailable', { id: 'GH-PAGES', what: `GitHub's list of ${ask.about} does not end` });
    },
    write: (converges, run) =>
      oneByOne(() => again(clock, { run, tries: converges ? WRITE_TRIES : 1, written: () => written })),
  };
}

function isQuestion({ route }: Ask): boolean {
  return route.startsWith('GET ');
}

/** Sends as the account of this program, and signs in again when its token has ended. */
function calling({ line, signIn, clock, owner, repo }: Parts) {
  return async <T>(ask: Ask, shape: z.ZodType<T>) => {
    const params = { owner, repo, ...ask.params };
    const about = { about: ask.about, repeatable: isQuestion(ask) };
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
}

async function again<T>(
  clock: Clock,
  { run, tries, written }: { readonly run: () => Promise<T>; readonly tries: number; readonly written: () => number },
): Promise<T> {
  const before = written();
  for (let turn = 1; ; turn += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const isLost = error.code === 'unavailable' && !error.nothingChanged;
      if (isLost && turn < tries) await clock.sleep(WRITE_PAUSE_MS * 4 ** (turn - 1));
      // What stopped here may have changed nothing itself, but a request before it did.
      else if (written() > before)
        throw new Fault(error.code, error.problems, { data: error.data, nothingChanged: false });
      else throw error;
    }
  }
}

/** The status in a Fault of this folder; undefined for every other error. */
export function statusOf(error: unknown): unknown {
  return error instanceof Fault ? error.data['status'] : undefined;
}
