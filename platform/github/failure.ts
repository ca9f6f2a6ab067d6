import { z } from 'zod';
import { asFault, Fault, type FaultCode, type Problem } from '../../schemas/fault.ts';

/** What a request was about, in words for people: `pull request #7`, `the checks of a commit`. */
export interface About {
  readonly about: string;
  /** True when the request can be sent twice without doing anything twice. */
  readonly repeatable: boolean;
}

/** What a failed request means for the next one: `limited` was not done and may be sent after a while, `lost` may have been done. */
export type Failure =
  | { readonly kind: 'limited'; readonly waitMs: number }
  | { readonly kind: 'lost'; readonly status: number; readonly waitMs: number | null }
  | { readonly kind: 'final'; readonly fault: Fault };

/** Pause after a limit for which the host names no end: what its documentation asks for. */
const UNKNOWN_LIMIT_MS = 60_000;

const HeaderShape = z.record(z.string(), z.unknown()).transform(
  headers =>
    (name: string): string | undefined =>
      typeof headers[name] === 'string' ? headers[name] : undefined,
);
type Header = z.output<typeof HeaderShape>;

/** The error of the library, as far as it is believed. Without an answer of the host there is no `response`. */
const Failed = z.object({
  status: z.int(),
  response: z.object({ headers: HeaderShape, data: z.unknown() }).optional(),
});

const Reason = z.object({ field: z.string().default(''), code: z.string() });

/** What the host says about a refusal. Some of its errors are plain sentences: those are not read. */
const Refusal = z.object({ message: z.string().optional(), errors: z.array(z.unknown()).optional() });

/** Judges what the library threw. Neither its message nor the host's is repeated: they may quote the request. */
export function failureOf(error: unknown, { about }: About): Failure {
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof Fault) return { kind: 'final', fault: error };
  if (cause instanceof Fault) return { kind: 'final', fault: cause };
  const failed = Failed.safeParse(error).data;
  // Nothing that came from the network: a defect of this program, which trying again does not mend.
  if (failed === undefined) return { kind: 'final', fault: asFault(error) };
  const { status, response } = failed;
  if (response === undefined) return { kind: 'lost', status: 0, waitMs: null };
  const refusal = Refusal.safeParse(response.data).data ?? {};
  const header = response.headers;
  if (status === 403 || status === 429) {
    const waitMs = limitOf(header, { isTold: status === 429 || /rate limit|abuse/i.test(refusal.message ?? '') });
    return waitMs === null ? final('denied', status, forbidden(about, header)) : { kind: 'limited', waitMs };
  }
  if (status >= 500 || status < 400 || status === 408 || status === 409)
    return { kind: 'lost', status, waitMs: afterOf(header) };
  if (status === 401) return final('denied', status, UNKNOWN);
  if (status === 404 || status === 410) return final('usage', status, missing(about));
  return final('usage', status, refused(about, refusal.errors ?? []));
}

function final(code: FaultCode, status: number, problem: Problem): Failure {
  return { kind: 'final', fault: new Fault(code, problem, { data: { status } }) };
}

/** Milliseconds until the host wants to hear from us again; null when this is no matter of a limit. */
function limitOf(header: Header, { isTold }: { readonly isTold: boolean }): number | null {
  const after = afterOf(header);
  if (after !== null) return after;
  if (header('x-ratelimit-remaining') === '0') {
    const reset = Number(header('x-ratelimit-reset')) * 1_000;
    // Both times are the host's, so a wrong clock of this machine does not matter. A second more: its times are whole seconds.
    const waitMs = reset - Date.parse(header('date') ?? '') + 1_000;
    return Number.isFinite(waitMs) ? Math.max(waitMs, 0) : UNKNOWN_LIMIT_MS;
  }
  return isTold ? UNKNOWN_LIMIT_MS : null;
}

function afterOf(header: Header): number | null {
  const text = header('retry-after');
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null;
}

const UNKNOWN: Problem = {
  id: 'GH-TOKEN',
  what: 'GitHub does not accept this credential',
  why: 'the token is wrong, expired or withdrawn, or the clock of this machine is wrong by more than a minute',
  fix: 'make a new token, or check the number and the private key of the GitHub App',
};

function forbidden(about: string, header: Header): Problem {
  const what = `this credential may not use ${about}`;
  if (header('x-github-sso') !== undefined)
    return { id: 'GH-SSO', what, fix: 'authorise the token for the single sign-on of the organisation' };
  const wanted = header('x-accepted-github-permissions') ?? header('x-accepted-oauth-scopes') ?? '';
  const permission = /^[a-z_=,;: ]{1,200}$/.test(wanted) ? wanted.trim() : '';
  if (permission === '') return { id: 'GH-PERMISSION', what, fix: 'give the token or the App the permission for it' };
  return { id: 'GH-PERMISSION', what, fix: `give the token or the App the permission ${permission}` };
}

function missing(about: string): Problem {
  return {
    id: 'GH-MISSING',
    what: `GitHub has no ${about}, or this credential may not see it`,
    fix: 'check the name, and that the token or the App has access to the repository',
  };
}

function refused(about: string, errors: readonly unknown[]): Problem {
  const word = /^[a-z_]{1,50}$/;
  const reasons = errors.flatMap(error => {
    const { field, code } = Reason.safeParse(error).data ?? { field: '', code: '' };
    if (!word.test(code)) return [];
    return [word.test(field) ? `${field}: ${code}` : code];
  });
  const what = `GitHub refused what was sent for ${about}`;
  return reasons.length === 0 ? { id: 'GH-REFUSED', what } : { id: 'GH-REFUSED', what, why: reasons.join(', ') };
}

/** The host is quiet or unwell. `retryAtMs`: wall time at which it may be asked again. */
export function unavailable(
  { about, repeatable }: About,
  more: { readonly status: number; readonly retryAtMs: number; readonly why?: string },
): Fault {
  const { status, retryAtMs, why } = more;
  const asked = why ?? (status === 0 ? 'no answer came' : `it answered with status ${status}`);
  return new Fault(
    'unavailable',
    { id: 'GH-UNAVAILABLE', what: `GitHub could not be asked about ${about}`, why: asked, fix: 'it is tried again' },
    { data: { retryAtMs, status }, nothingChanged: repeatable },
  );
}
