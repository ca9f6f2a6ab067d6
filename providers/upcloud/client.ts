import pLimit from 'p-limit';
import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { isObject } from '../../schemas/json.ts';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import { retryAfterMs } from '../transport/retry-after.ts';
import { type Answer, jsonOf, lost, send } from '../transport/send.ts';
import { CLOUD, classOf, fault } from './faults.ts';

/** Where the cloud is and what every request carries. */
export interface Client {
  readonly url: string;
  /** The whole header: UpCloud knows tokens and, for older sub-accounts, names with passwords. */
  readonly authorization: string;
  /** Keeps to the number of requests at once that the account is given. */
  readonly gate: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Requests at once. UpCloud documents no rate limit, and its own clients never have more. */
const MOST_AT_ONCE = 4;

export function clientFor(url: string, authorization: string): Client {
  const limit = pLimit(MOST_AT_ONCE);
  return { url: url.replace(/\/+$/, ''), authorization, gate: work => limit(work) };
}

/** One request. */
export interface Ask<T> {
  /** A few words for messages: `create server`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the version, with query. */
  readonly path: string;
  readonly body?: unknown;
  readonly accepted?: Failpoint;
  /** What the answer must be; null where it has no content. */
  readonly reply: ZodType<T> | null;
}

/** Sends one request and returns the checked reply. Throws ProviderFault; a write whose answer is lost or unreadable is `unknown-outcome`. */
export async function ask<T>(ctx: CallContext, client: Client, request: Ask<T>): Promise<T> {
  const { what, method, body, accepted } = request;
  const answer = await client.gate(() =>
    send(ctx, {
      cloud: CLOUD,
      what,
      method,
      url: `${client.url}/1.3${request.path}`,
      headers: {
        accept: 'application/json',
        authorization: client.authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(accepted === undefined ? {} : { accepted }),
    }),
  );
  if (answer.status >= 300 || answer.status < 200) throw refusal(ctx, request, answer);
  return checked(request, answer);
}

function checked<T>(request: Ask<T>, answer: Answer): T {
  const { what, method, reply } = request;
  if (reply === null) {
    // Success without content is 204 and nothing else; any other answer came from something between us and UpCloud.
    if (answer.status === 204) return undefined as T;
    throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  }
  const parsed = reply.safeParse(jsonOf(answer));
  if (!parsed.success) throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  return parsed.data;
}

function refusal<T>(ctx: CallContext, { what, method }: Ask<T>, answer: Answer): ProviderFault {
  const code = codeOf(jsonOf(answer));
  const retry = retryAfterMs(answer.headers, ctx.world.clock.now());
  return fault(classOf(answer.status, method, code), code, what, {
    status: answer.status,
    ...(retry === undefined ? {} : { retryAfterMs: retry }),
  });
}

/** The code of an error body in either of the two shapes; empty when there is none. */
function codeOf(body: unknown): string {
  if (!isObject(body)) return '';
  const { error, type } = body;
  if (isObject(error) && typeof error['error_code'] === 'string') return error['error_code'];
  return typeof type === 'string' ? (/#ERROR_([A-Z0-9_-]+)$/.exec(type)?.[1] ?? '') : '';
}

/** The fault of a call as data; anything else is thrown on. */
export function faultOf(error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  throw error;
}
