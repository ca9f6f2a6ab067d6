import type { IncomingMessage } from 'node:http';
import type { Clock } from '../schemas/world.ts';

/** Why a body was not read. */
export type BodyFlaw = 'too-large' | 'too-slow' | 'gone';

/**
 * Reads a request body of bounded size in bounded time. Never holds more than the limit: what is larger is refused by its
 * declared length, or as soon as it has come that far.
 */
export function readBody(
  request: IncomingMessage,
  limits: { readonly bytes: number; readonly ms: number; readonly clock: Clock },
): Promise<Uint8Array | BodyFlaw> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.bytes) return Promise.resolve('too-large');
  return new Promise(resolve => {
    const parts: Buffer[] = [];
    let size = 0;
    const over = new AbortController();
    const end = (outcome: Uint8Array | BodyFlaw): void => {
      over.abort('read');
      request.removeAllListeners('data');
      request.pause();
      resolve(outcome);
    };
    limits.clock.sleep(limits.ms, over.signal).then(
      () => end('too-slow'),
      () => {},
    );
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > limits.bytes) end('too-large');
      else parts.push(part);
    });
    request.once('end', () => end(Buffer.concat(parts)));
    request.once('error', () => end('gone'));
    request.once('aborted', () => end('gone'));
  });
}
