import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { isObject } from '../../schemas/json.ts';
import type { CallContext, ProviderFault } from '../../schemas/provider.ts';
import { clockSkew } from '../transport/clock-skew.ts';
import { retryAfterMs } from '../transport/retry-after.ts';
import { type Answer, jsonOf, lost, send } from '../transport/send.ts';
import { answerFault, CLOUD } from './faults.ts';

/** Where the cloud is and what every request carries. */
export interface Client {
  readonly url: string;
  readonly profile: string;
  readonly token: string | undefined;
}

export interface Ask<T> {
  /** A few words for messages: `create server`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below `/v1`, with query. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly accepted?: Failpoint;
  readonly reply: ZodType<T>;
}

/** Sends one request and returns the checked reply. Throws ProviderFault; a write whose answer is lost or unreadable is `unknown-outcome`. */
export async function ask<T>(ctx: CallContext, client: Client, request: Ask<T>): Promise<T> {
  const { what, method, accepted } = request;
  const answer = await send(ctx, {
    cloud: CLOUD,
    what,
    method,
    url: `${client.url}/v1${request.path}`,
    headers: {
      accept: 'application/json',
      'x-demo-profile': client.profile,
      ...(client.token === undefined ? {} : { authorization: `Bearer ${client.token}` }),
      ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(accepted === undefined ? {} : { accepted }),
  });
  if (answer.status >= 300 || answer.status < 200) throw refusal(ctx, request, answer);
  const reply = request.reply.safeParse(jsonOf(answer));
  if (!reply.success) throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  return reply.data;
}

function refusal<T>(ctx: CallContext, { what, method }: Ask<T>, answer: Answer): ProviderFault {
  const body = jsonOf(answer);
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const { code, id } = error;
  const now = ctx.world.clock.now();
  return answerFault({
    what,
    method,
    status: answer.status,
    code: typeof code === 'string' ? code : null,
    partialId: typeof id === 'string' && code === 'partially_done' ? id : undefined,
    retryAfterMs: retryAfterMs(answer.headers, now),
    why: answer.status === 401 ? clockSkew(answer.headers, now) : undefined,
  });
}
