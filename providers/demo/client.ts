import { setMaxListeners } from 'node:events';
import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import { isObject } from '../../schemas/json.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { CallContext, ProviderFault } from '../../schemas/provider.ts';
import { answerFault, fault, lostClass } from './faults.ts';

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
  /** Reached when the cloud took the request and nobody has read the answer. */
  readonly accepted?: Failpoint;
  readonly reply: ZodType<T>;
}

/** Sends one request and returns the checked reply. Throws ProviderFault; a write whose answer is lost or unreadable is `unknown-outcome`. */
export async function ask<T>(ctx: CallContext, client: Client, request: Ask<T>): Promise<T> {
  if (ctx.signal.aborted)
    throw fault('transient', 'aborted', request.what, { why: 'it was stopped before it was sent' });
  const deadline = startDeadline(ctx);
  try {
    const response = await sent(ctx, client, request, deadline);
    if (request.accepted !== undefined) await ctx.world.reach(request.accepted);
    return interpreted(ctx, request, response, await textOf(response, request, deadline));
  } finally {
    deadline.stop();
  }
}

async function sent<T>(ctx: CallContext, client: Client, request: Ask<T>, deadline: Deadline): Promise<Response> {
  try {
    return await ctx.fetch(`${client.url}/v1${request.path}`, {
      method: request.method,
      redirect: 'manual',
      signal: deadline.signal,
      headers: {
        accept: 'application/json',
        'x-demo-profile': client.profile,
        ...(client.token === undefined ? {} : { authorization: `Bearer ${client.token}` }),
        ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
  } catch (error) {
    if (neverSent(error))
      throw fault('transient', 'unreachable', request.what, { why: 'the demo cloud cannot be reached' });
    throw lost(request, deadline.late() ? 'timed_out' : 'connection_lost');
  }
}

function lost<T>(request: Ask<T>, code: string): ProviderFault {
  return fault(lostClass(request.method), code, request.what);
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
async function textOf<T>(response: Response, request: Ask<T>, deadline: Deadline): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
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

function interpreted<T>(ctx: CallContext, request: Ask<T>, response: Response, text: string): T {
  const body = parsed(text);
  if (response.status >= 300 || response.status < 200) {
    const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
    const code = error['code'];
    const id = error['id'];
    throw answerFault({
      what: request.what,
      method: request.method,
      status: response.status,
      code: typeof code === 'string' ? code : null,
      partialId: typeof id === 'string' && code === 'partially_done' ? id : undefined,
      retryAfterMs: retryAfterMs(ctx, response.headers),
    });
  }
  const reply = request.reply.safeParse(body);
  if (!reply.success)
    throw fault(lostClass(request.method), 'unreadable_reply', request.what, { why: 'the reply cannot be read' });
  return reply.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LONGEST_WAIT_MS = 3_600_000;

/** `Retry-After` in seconds or as a date, else `RateLimit-Reset`; undefined when the cloud gives no hint. */
function retryAfterMs(ctx: CallContext, headers: Headers): number | undefined {
  const after = headers.get('retry-after');
  const reset = headers.get('ratelimit-reset');
  const now = Date.parse(headers.get('date') ?? '') || ctx.world.clock.now();
  const waits = [
    after !== null && /^\d{1,9}$/.test(after) ? Number(after) * 1_000 : Date.parse(after ?? '') - now,
    reset !== null && /^\d{1,12}$/.test(reset) ? Number(reset) * 1_000 - now : Number.NaN,
  ];
  const wait = waits.find(Number.isFinite);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MS);
}

interface Deadline {
  readonly signal: AbortSignal;
  /** The time ran out, rather than somebody stopping it. */
  late(): boolean;
  stop(): void;
}

/** Aborts a request when its time is over or the caller gives up, on the clock of the world. */
function startDeadline(ctx: CallContext): Deadline {
  const call = new AbortController();
  const timer = new AbortController();
  let late = false;
  const giveUp = (): void => call.abort();
  // One signal stops all calls of a run, and there are more of them at once than Node expects.
  setMaxListeners(0, ctx.signal);
  ctx.signal.addEventListener('abort', giveUp, { once: true });
  ctx.world.clock.sleep(ctx.timeoutMs, timer.signal).then(
    () => {
      late = true;
      call.abort();
    },
    () => {},
  );
  return {
    signal: call.signal,
    late: () => late,
    stop() {
      // A reason of our own: the usual one is an error that takes long to make.
      timer.abort('answered');
      ctx.signal.removeEventListener('abort', giveUp);
    },
  };
}
