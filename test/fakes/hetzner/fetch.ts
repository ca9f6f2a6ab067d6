import type { Clock } from '../../../schemas/world.ts';
import type { FakeHetzner } from './cloud.ts';
import type { FakeReply } from './model.ts';

/**
 * A `fetch` that talks to a cloud in the same process. Waiting goes through the clock, so a virtual one makes a day pass
 * in no time. The request has its effect at once, as over a network: aborting afterwards only loses the answer.
 */
export function hetznerFetch(cloud: FakeHetzner, clock: Clock): typeof globalThis.fetch {
  return async (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const headers = Object.fromEntries(new Headers(init?.headers));
    const body = typeof init?.body === 'string' ? init.body : '';
    const answer = cloud.handle({ method: init?.method ?? 'GET', path: pathname + search, headers, body }, clock.now());
    if (answer.delayMs > 0) await clock.sleep(answer.delayMs, signal);
    if (answer.wire === 'lost') throw lost();
    // Where there is no body, it is the head that drips.
    if (answer.wire === 'drip' && answer.status === 204) await clock.sleep(answer.dripMs, signal);
    return new Response(answer.status === 204 ? null : bodyStream(answer, clock, signal), {
      status: answer.status,
      headers: answer.headers,
    });
  };
}

/** What undici throws when the other side closes the connection. */
function lost(): TypeError {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  return new TypeError('fetch failed', { cause });
}

function bodyStream(answer: FakeReply, clock: Clock, signal: AbortSignal | undefined): ReadableStream | string {
  if (answer.wire === 'answer') return answer.body;
  const bytes = new TextEncoder().encode(answer.body);
  const parts = answer.wire === 'cut' ? [bytes.slice(0, bytes.length / 2)] : pieces(bytes, 10);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const part = parts[at];
      at += 1;
      if (part === undefined) {
        if (answer.wire === 'cut') controller.error(new TypeError('terminated'));
        else controller.close();
        return;
      }
      if (answer.wire === 'drip') await clock.sleep(answer.dripMs / parts.length, signal);
      controller.enqueue(part);
    },
  });
}

function pieces(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / count));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}
