import type { Clock } from '../../schemas/world.ts';
import type { CloudCore } from './cloud.ts';
import type { CloudReply } from './model.ts';

/**
 * A `fetch` that talks to a cloud in the same process. Waiting goes through the clock, so a virtual one makes a day pass
 * in no time. The request has its effect at once, as over a network: aborting afterwards only loses the answer.
 */
export function cloudFetch(
  core: Pick<CloudCore, 'handle'>,
  options: { readonly clock: Clock },
): typeof globalThis.fetch {
  const { clock } = options;
  return async (input, init) => {
    const { host, pathname, search } = new URL(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const method = init?.method ?? 'GET';
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), host };
    const body = typeof init?.body === 'string' ? init.body : '';
    const reply = core.handle({ method, path: pathname + search, headers, body }, clock.now());
    if (reply.delayMs > 0) await clock.sleep(reply.delayMs, signal);
    if (reply.wire === 'lost') throw lost();
    const isEmpty = reply.status === 204;
    // Where there is no body, it is the head that drips.
    if (isEmpty && reply.wire === 'drip') await clock.sleep(reply.dripMs, signal);
    const { status, headers: answered } = reply;
    return new Response(isEmpty ? null : bodyStream(reply, clock, signal), { status, headers: answered });
  };
}

/** What undici throws when the other side closes the connection. */
function lost(): TypeError {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
  });
}

function bodyStream(
  reply: CloudReply,
  clock: Clock,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> | string {
  if (reply.wire === 'answer') return reply.body;
  const bytes = new TextEncoder().encode(reply.body);
  const parts = reply.wire === 'cut' ? [bytes.slice(0, bytes.length / 2)] : pieces(bytes, 10);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const part = parts[at];
      at += 1;
      if (part === undefined) {
        if (reply.wire === 'cut') controller.error(new TypeError('terminated'));
        else controller.close();
        return;
      }
      if (reply.wire === 'drip') await clock.sleep(reply.dripMs / parts.length, signal);
      controller.enqueue(part);
    },
  });
}

function pieces(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / count));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}
