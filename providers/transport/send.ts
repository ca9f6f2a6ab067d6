import type { Failpoint } from '../../schemas/failpoint.ts';
import type { HttpHeaders, HttpReply } from '../../schemas/http.ts';
import { isObject } from '../../schemas/json.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { CallContext, ProviderFault } from '../../schemas/provider.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { fault, lostClass } from './fault.ts';

/** One request over HTTP. */
export interface Sending {
  /** The cloud as people call it, for messages. */
  readonly cloud: string;
  /** A few words for messages: `create server`. */
  readonly what: string;
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** It changes something even if the method says otherwise, or the other way round; where left out, only GET does not. */
  readonly writes?: boolean;
  /** Reached when the cloud took the request and nobody has read the answer. */
  readonly accepted?: Failpoint;
}

/** The whole answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly text: string;
}

/**
 * Sends one request and reads the whole answer, within the time of the context and the size limit for replies. Throws
 * ProviderFault: `transient` when certainly nothing was sent or nothing could be changed, `unknown-outcome` when a
 * write was sent and its answer did not come.
 */
export async function send(ctx: CallContext, request: Sending): Promise<Answer> {
  if (ctx.signal.aborted) throw trouble(request, 'transient', 'aborted', `it was stopped before it was sent`);
  const deadline = startDeadline(ctx);
  try {
    const response = await sent(ctx, request, deadline);
    if (request.accepted !== undefined) await ctx.world.reach(request.accepted);
    return { status: response.status, headers: response.headers, text: await textOf(response, request, deadline) };
  } finally {
    deadline.stop();
  }
}

async function sent(ctx: CallContext, request: Sending, deadline: Deadline): Promise<HttpReply> {
  try {
    return await ctx.fetch(request.url, {
      method: request.method,
      redirect: 'manual',
      signal: deadline.signal,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
  } catch (error) {
    if (neverSent(error)) throw trouble(request, 'transient', 'unreachable', `${request.cloud} cannot be reached`);
    throw lost(request, deadline.late() ? 'timed_out' : 'connection_lost');
  }
}

function trouble(request: Sending, kind: 'transient', code: string, why: string): ProviderFault {
  return fault({ cloud: request.cloud, what: request.what, class: kind, code, why });
}

/** The fault of a request whose answer is lost or cannot be understood. */
export function lost(request: Pick<Sending, 'cloud' | 'what' | 'method' | 'writes'>, code: string): ProviderFault {
  const writes = request.writes ?? request.method !== 'GET';
  return fault({ cloud: request.cloud, what: request.what, class: lostClass(writes ? 'POST' : 'GET'), code });
}

/** Failures to connect: certainly nothing was sent. */
const CONNECTING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function neverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const codes = [cause, ...(cause instanceof AggregateError ? cause.errors : [])].map(one =>
    isObject(one) ? one['code'] : undefined,
  );
  return codes.some(code => typeof code === 'string' && CONNECTING.has(code));
}

/** The body as text, up to the limit for provider replies. */
async function textOf(response: HttpReply, request: Sending, deadline: Deadline): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > LIMITS.providerReplyBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw lost(request, deadline.late() ? 'timed_out' : 'connection_lost');
  }
  if (size > LIMITS.providerReplyBytes) throw lost(request, 'reply_too_large');
  return Buffer.concat(chunks).toString('utf8');
}

/** A body as JSON; undefined when it is none. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
}
