import { Fault } from '../../../schemas/fault.ts';
import type { HttpFetch } from '../../../schemas/http.ts';

/** What key services need of the surroundings. */
export interface KeySurroundings {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly fetch: HttpFetch;
  /** Folder of this machine's own keys. */
  readonly folder: string;
}

/** Longest wait in milliseconds for one answer. */
const WAIT_MS = 10_000;
/** A wrapped key is far smaller. */
const REPLY_BYTES = 256 * 1024;

/** A request to a key service over HTTP. */
export interface KeyAsk {
  readonly service: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: unknown;
}

/** What it answered: its status, and the body as JSON or null. Throws Fault `unavailable` when nothing came back. */
export async function askService(
  fetch: HttpFetch,
  ask: KeyAsk,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const reply = await fetch(ask.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...ask.headers },
      body: JSON.stringify(ask.body),
      signal: AbortSignal.timeout(WAIT_MS),
      redirect: 'manual',
    });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of reply.body ?? []) {
      parts.push(part);
      size += part.length;
      if (size > REPLY_BYTES) throw new Error('too long');
    }
    return { status: reply.status, body: json(Buffer.concat(parts).toString('utf8')) };
  } catch {
    throw unavailable(ask.service, 'it does not answer');
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The service or its key cannot be used now. */
export function unavailable(service: string, why: string): Fault {
  return new Fault('unavailable', {
    id: 'SEC-KMS-DOWN',
    what: `${service} cannot open or wrap a data key`,
    why,
    fix: 'try again when it answers and its key is enabled; nothing was changed',
  });
}

/** The service knows us and says no, or does not know us. */
export function refused(service: string, fix: string): Fault {
  return new Fault('denied', { id: 'SEC-KMS-DENIED', what: `${service} refuses to open or wrap a data key`, fix });
}

/** What was wrapped is not what comes back. */
export function damaged(service: string): Fault {
  return new Fault('integrity', {
    id: 'SEC-KMS-CHANGED',
    what: `${service} cannot open this wrapped data key`,
    why: 'it was changed, or made with another key or for another context',
    fix: 'look at the history of the file, and restore the last version that you trust',
  });
}
