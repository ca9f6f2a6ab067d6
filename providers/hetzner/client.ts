import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { isObject } from '../../schemas/json.ts';
import type { CallContext, ProviderFault } from '../../schemas/provider.ts';
import { clockSkew } from '../transport/clock-skew.ts';
import { type Limiter, openLimiter } from '../transport/limiter.ts';
import { retryAfterMs } from '../transport/retry-after.ts';
import { type Answer, jsonOf, lost, send } from '../transport/send.ts';
import { classOf, CLOUD, fault } from './faults.ts';

/** One project at Hetzner Cloud. */
export interface Client {
  readonly url: string;
  readonly token: string;
  readonly limiter: Limiter;
}

export function clientFor(url: string, token: string): Client {
  const limiter = openLimiter(waitMs =>
    fault('rate-limited', 'own_limit', 'ask Hetzner Cloud', {
      why: 'the hourly number of requests is nearly used up',
      retryAfterMs: waitMs,
    }),
  );
  return { url: url.replace(/\/+$/, ''), token, limiter };
}

/** One request. */
export interface Ask<T> {
  /** A few words for messages: `create server`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the version, with query. */
  readonly path: string;
  readonly body?: unknown;
  readonly accepted?: Failpoint | undefined;
  /** It deletes a part of something, and finds nothing the second time: as safe to repeat as DELETE. */
  readonly isDeletion?: true;
  /** What the answer must be; null where it has no content. */
  readonly reply: ZodType<T> | null;
}

/** Sends one request and returns the checked reply. Throws ProviderFault; a write whose answer is lost or unreadable is `unknown-outcome`. */
export async function ask<T>(ctx: CallContext, client: Client, request: Ask<T>): Promise<T> {
  const { what, method, body, accepted } = request;
  client.limiter.enter(ctx);
  const answer = await send(ctx, {
    cloud: CLOUD,
    what,
    method,
    url: `${client.url}${request.path}`,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${client.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(accepted === undefined ? {} : { accepted }),
  });
  client.limiter.heard(ctx, answer.headers);
  if (answer.status >= 300 || answer.status < 200) throw refusal(ctx, request, answer);
  return checked(request, answer);
}

function checked<T>(request: Ask<T>, answer: Answer): T {
  const { what, method, reply } = request;
  if (reply === null) {
    // Success without content is 204 and nothing else; any other answer came from something between us and the cloud.
    if (answer.status === 204) return undefined as T;
    throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  }
  const parsed = reply.safeParse(jsonOf(answer));
  if (!parsed.success) throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  return parsed.data;
}

function refusal<T>(ctx: CallContext, { what, method, isDeletion }: Ask<T>, answer: Answer): ProviderFault {
  const body = jsonOf(answer);
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const code = typeof error['code'] === 'string' ? error['code'] : '';
  const now = ctx.world.clock.now();
  // The time at which the hourly bucket is full again comes with every answer, and is not what to wait for.
  const retry = answer.headers.has('retry-after') ? retryAfterMs(answer.headers, now) : undefined;
  const kind = classOf(answer.status, isDeletion === true ? 'DELETE' : method, code);
  const why = kind === 'unauthenticated' ? clockSkew(answer.headers, now) : undefined;
  return fault(kind, code, what, {
    status: answer.status,
    ...(retry === undefined ? {} : { retryAfterMs: retry }),
    ...(why === undefined ? {} : { why }),
  });
}
