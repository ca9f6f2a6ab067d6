import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import type { CallContext } from '../../schemas/provider.ts';
import { jsonOf, lost, send } from '../transport/send.ts';
import { CLOUD, fault, meaningOf } from './faults.ts';

/** Version of the Docker API: the oldest that has all we ask for, and both engines speak it. */
const VERSION = '/v1.40';

/** One request. */
export interface Ask<T> {
  /** A few words for messages: `create server`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path below the version, with query. */
  readonly path: string;
  readonly body?: unknown;
  readonly accepted?: Failpoint | undefined;
  /** Path of podman's own API, which has no version of Docker's before it. */
  readonly isOwn?: true;
  /** What the answer must be; null where what it holds does not matter. */
  readonly reply: ZodType<T> | null;
}

/** Sends one request and returns the checked reply. Throws ProviderFault; a write whose answer is lost or unreadable is `unknown-outcome`. */
export async function ask<T>(ctx: CallContext, url: string, request: Ask<T>): Promise<T> {
  const { what, method, body, accepted, reply } = request;
  const answer = await send(ctx, {
    cloud: CLOUD,
    what,
    method,
    url: `${url}${request.isOwn === true ? '' : VERSION}${request.path}`,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(accepted === undefined ? {} : { accepted }),
  });
  const { status } = answer;
  const told = jsonOf(answer);
  // 304: it is started, or stopped, already.
  if (status >= 400 || (status >= 300 && status !== 304) || status < 200) {
    const { code, class: kind } = meaningOf(status, method, told);
    throw fault(kind, code, what, { status });
  }
  if (reply === null) {
    if (answer.text === '' && (status === 204 || status === 304)) return undefined as T;
    throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  }
  const parsed = reply.safeParse(told);
  if (!parsed.success) throw lost({ cloud: CLOUD, what, method }, 'unreadable_reply');
  return parsed.data;
}
