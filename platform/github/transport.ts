import { Fault } from '../../schemas/fault.ts';

/** The `fetch` of the platform, or one that tests put in its place. */
export type Fetch = typeof globalThis.fetch;

/** Longest time of one request with its answer. */
const REQUEST_TIMEOUT_MS = 30_000;

const REDIRECTS = new Set([301, 302, 307, 308]);
const MOST_REDIRECTS = 3;

/** How much of what the host said is kept, so that a repeated question costs nothing. */
const KEPT_ANSWERS = 1_000;
const KEPT_CHARACTERS = 32_000_000;

interface Kept {
  readonly etag: string;
  readonly body: string;
  readonly headers: Headers;
}

/** A `fetch` with a deadline, which follows redirects on the same host only, and remembers answers by the host's own tag for them. */
export function transport(fetch: Fetch): Fetch {
  return remembering(following(fetch));
}

/** A repository that was renamed answers with a redirect. The request is repeated as it was; to another host it would carry our token. */
function following(fetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const { origin } = new URL(String(input));
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    let url = String(input);
    for (let turn = 0; turn <= MOST_REDIRECTS; turn += 1) {
      const answer = await fetch(url, { ...init, redirect: 'manual', signal });
      const location = answer.headers.get('location');
      if (!REDIRECTS.has(answer.status) || location === null) return answer;
      await answer.body?.cancel();
      if (!URL.canParse(location, url) || new URL(location, url).origin !== origin) break;
      url = new URL(location, url).href;
    }
    throw new Fault('usage', {
      id: 'GH-REDIRECT',
      what: 'GitHub sends this request to another place, and a credential is not taken along',
      fix: 'use the present address of the repository and of the API (GITHUB_API_URL)',
    });
  };
}

/** An answer 304 is the former answer with the new headers, and does not count against the rate limit. */
function remembering(fetch: Fetch): Fetch {
  // A Map keeps the order of insertion: the first entry is the one unused for longest.
  const kept = new Map<string, Kept>();
  let characters = 0;
  const forget = (url: string): void => {
    characters -= kept.get(url)?.body.length ?? 0;
    kept.delete(url);
  };
  const keep = (url: string, answer: Kept): void => {
    forget(url);
    kept.set(url, answer);
    characters += answer.body.length;
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_ANSWERS && characters <= KEPT_CHARACTERS) return;
      forget(oldest);
    }
  };
  return async (input, init = {}) => {
    if (init.method !== 'GET') return fetch(input, init);
    const url = String(input);
    const known = kept.get(url);
    const headers = new Headers(init.headers);
    if (known !== undefined) headers.set('if-none-match', known.etag);
    const answer = await fetch(url, { ...init, headers });
    if (answer.status === 304 && known !== undefined) {
      keep(url, known);
      const now = new Headers(known.headers);
      for (const [name, value] of answer.headers) now.set(name, value);
      now.set('content-type', known.headers.get('content-type') ?? 'application/json');
      return new Response(known.body, { status: 200, headers: now });
    }
    const etag = answer.headers.get('etag');
    if (answer.status !== 200 || etag === null) return answer;
    const body = await answer.text();
    keep(url, { etag, body, headers: answer.headers });
    return new Response(body, { status: 200, headers: answer.headers });
  };
}
