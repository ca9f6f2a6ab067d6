import pLimit from 'p-limit';
import type { z } from 'zod';
import { Fault } from '../../schemas/fault.ts';
import type { Clock } from '../../schemas/world.ts';
import { type About, failureOf, unavailable } from './failure.ts';
import { type Fetch, transport } from './transport.ts';

/** One request: a route of the GitHub documentation with its parameters. */
export interface Ask {
  /** `GET /repos/{owner}/{repo}/pulls`, or a method with a whole address. */
  readonly route: string;
  readonly about: string;
  readonly params?: { readonly [name: string]: unknown };
}

/** The connection to one API. */
export interface Line {
  readonly apiUrl: string;
  /** Sends one request with this header `authorization`, and believes its answer when it has the shape. */
  call<T>(
    ask: Ask & { readonly authorization: string },
    shape: z.ZodType<T>,
  ): Promise<{ readonly value: T; readonly hasNext: boolean }>;
  /** Tries as often as the host's limits and failures allow. Throws Fault. */
  patiently<T>(about: About, once: () => Promise<T>): Promise<T>;
  /** The library's own way to send, for its sign-in. Its errors are judged by `patiently`. */
  readonly request: Awaited<ReturnType<typeof openRequest>>;
}

const TRIES = 3;
/** Longest pause that is waited out; after a longer one the caller comes back. */
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
/** Requests on their way at the same time. */
const WIDTH = 8;

/** Opens a connection. The library is loaded here and not at the start of the program, because most commands never speak to GitHub. */
export async function openLine(options: {
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}): Promise<Line> {
  const apiUrl = admitApi(options.apiUrl);
  const request = await openRequest(apiUrl, options.fetch);
  const width = pLimit(WIDTH);
  return {
    apiUrl,
    request,
    call: (ask, shape) => width(() => send(request, ask, shape)),
    patiently: patience(options.clock),
  };
}

/** A token goes over https only; to this machine itself, in tests, also over http. */
function admitApi(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url?.protocol === 'http:' && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  if (url !== null && (url.protocol === 'https:' || isLocal) && url.username === '')
    return url.href.replace(/\/+$/, '');
  throw new Fault('usage', {
    id: 'GH-API',
    what: 'the address of the GitHub API is not one that a credential can be sent to',
    fix: 'set GITHUB_API_URL to https://api.github.com or https://<host>/api/v3',
  });
}

async function openRequest(apiUrl: string, fetch: Fetch) {
  const { Octokit } = await import('@octokit/rest');
  const silent = (): void => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'provisioning',
    request: { fetch: transport(fetch), log },
    log,
  });
  return octokit.request;
}

async function send<T>(
  request: Line['request'],
  ask: Ask & { readonly authorization: string },
  shape: z.ZodType<T>,
): Promise<{ readonly value: T; readonly hasNext: boolean }> {
  const headers = { authorization: ask.authorization, 'x-github-api-version': '2022-11-28' };
  const answer = await request(ask.route, { ...ask.params, headers });
  const told: unknown = answer.data;
  const believed = shape.safeParse(told);
  if (believed.success) return { value: believed.data, hasNext: /rel="next"/.test(answer.headers.link ?? '') };
  // Text instead of JSON is an answer that was cut off or came from something in between: it counts as none.
  if (typeof told === 'string') throw Object.assign(new Error('no answer of the API'), { status: 0 });
  const place = believed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new Fault(
    'unavailable',
    {
      id: 'GH-SHAPE',
      what: `GitHub's answer about ${ask.about} is not what its documentation says`,
      why: `at ${/^[\w.]{1,100}$/.test(place) ? place : 'its top'}`,
    },
    { nothingChanged: ask.route.startsWith('GET ') },
  );
}

/** The one place where requests are repeated. A limit closes the line for all requests, because asking on prolongs it. */
function patience(clock: Clock): Line['patiently'] {
  let closedUntil = clock.monotonic();
  const left = (): number => closedUntil - clock.monotonic();
  return async (about, once) => {
    for (let turn = 1; ; turn += 1) {
      // Another request may have met a limit meanwhile.
      for (let closedMs = left(); closedMs > 0; closedMs = left()) {
        if (closedMs > PATIENCE_MS) throw limited(closedMs);
        await clock.sleep(closedMs);
      }
      try {
        return await once();
      } catch (error) {
        const failure = failureOf(error, about);
        if (failure.kind === 'final') throw failure.fault;
        if (failure.kind === 'limited') {
          closedUntil = Math.max(closedUntil, clock.monotonic() + failure.waitMs);
          if (turn >= TRIES) throw limited(failure.waitMs);
          continue;
        }
        const pauseMs = failure.waitMs ?? FIRST_PAUSE_MS * 4 ** (turn - 1);
        if (!about.repeatable || turn >= TRIES || pauseMs > PATIENCE_MS)
          throw unavailable(about, { status: failure.status, retryAtMs: clock.now() + pauseMs });
        await clock.sleep(pauseMs);
      }
    }
    function limited(waitMs: number): Fault {
      const retryAtMs = clock.now() + Math.ceil(waitMs);
      const why = 'the rate limit of this account is used up';
      return unavailable({ ...about, repeatable: true }, { status: 429, retryAtMs, why });
    }
  };
}
