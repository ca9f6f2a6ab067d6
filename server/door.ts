import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../schemas/fault.ts';
import type { Clock } from '../schemas/world.ts';
import { readBody } from './body.ts';
import { EVENTS, type Hint, hintOf } from './hint.ts';
import { isSigned } from './signature.ts';

/** What a host sends at most, by its own documentation. */
const BODY_BYTES = 25 * 1024 * 1024;
/** A delivery that is not here after this time is given up; the host itself waits ten seconds. */
const BODY_MS = 10_000;
/** Deliveries whose number is remembered, to tell the same one from the next. */
const REMEMBERED = 10_000;
const CONNECTIONS = 1_000;

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** One, or the old and the new one while it is changed. */
  readonly secrets: readonly string[];
  readonly isKnown: (repository: string) => boolean;
  /** Called for every delivery that may mean work. It must return at once: the answer is sent before any work. */
  readonly hint: (hint: Hint) => void;
  /** Notes what was refused, once for each kind. */
  readonly note?: (what: string) => void;
  readonly limits?: { readonly bodyBytes?: number; readonly bodyMs?: number };
}

/** What came in, by what became of it. */
export interface Counters {
  heard: number;
  duplicate: number;
  ignored: number;
  readonly rejected: { [reason: string]: number };
}

export interface WebhookDoor {
  readonly url: string;
  readonly counters: Counters;
  close(): Promise<void>;
}

/**
 * The door for webhooks. A delivery is only a hint to look at a repository: nothing in it is believed, so a forged,
 * doubled or old one changes nothing but the time of the next look. Throws Fault `usage` without a secret, or when the
 * address cannot be listened on.
 */
export async function openWebhooks(options: DoorOptions): Promise<WebhookDoor> {
  if (options.secrets.length === 0 || options.secrets.some(secret => secret.length < 16)) {
    throw new Fault('usage', {
      id: 'WH-SECRET',
      what: 'there is no secret for webhooks, or it has less than 16 characters',
      fix: 'set PROVISIONING_WEBHOOK_SECRET to the secret that the host signs with',
    });
  }
  const counters: Counters = { heard: 0, duplicate: 0, ignored: 0, rejected: {} };
  const noted = new Set<string>();
  const note = (what: string): void => {
    if (noted.has(what) || noted.size > 1_000) return;
    noted.add(what);
    options.note?.(what);
  };
  const state: State = { options, counters, seen: new Set(), note };
  const server = createServer({ requestTimeout: 15_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.maxConnections = CONNECTIONS;
  server.on('request', (request, response) => void answer(state, request, response));
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}/webhooks/github`,
    counters,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

interface State {
  readonly options: DoorOptions;
  readonly counters: Counters;
  /** Numbers of deliveries, oldest first. */
  readonly seen: Set<string>;
  readonly note: (what: string) => void;
}

function listening(server: Server, { host, port }: DoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', () =>
      reject(
        new Fault('usage', { id: 'WH-ADDRESS', what: `${host}:${port} cannot be listened on`, fix: '--listen <port>' }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/healthz' && request.method === 'GET') return say(response, 200, 'ok');
  if (path !== '/webhooks/github') return say(response, 404, '');
  if (request.method !== 'POST') return say(response, 405, '');
  const [status, text] = await taken(state, request);
  if (status === 413 || status === 408) response.setHeader('connection', 'close');
  response.once('finish', () => (status === 413 || status === 408 ? request.destroy() : undefined));
  say(response, status, text);
}

async function taken(state: State, request: IncomingMessage): Promise<readonly [number, string]> {
  const { options, counters, note } = state;
  const { headers } = request;
  const refuse = (status: number, reason: string): readonly [number, string] => {
    counters.rejected[reason] = (counters.rejected[reason] ?? 0) + 1;
    note(`a delivery was refused: ${reason}`);
    return [status, ''];
  };
  const { bodyBytes = BODY_BYTES, bodyMs = BODY_MS } = options.limits ?? {};
  const body = await readBody(request, { bytes: bodyBytes, ms: bodyMs, clock: options.clock });
  if (body === 'too-large') return refuse(413, 'it is too large');
  if (body === 'too-slow') return refuse(408, 'it came too slowly');
  if (body === 'gone') return refuse(400, 'it broke off');
  const signature = headers['x-hub-signature-256'];
  if (signature === undefined && headers['x-hub-signature'] !== undefined)
    note('a delivery is signed with SHA-1 alone: use a host that signs with SHA-256');
  if (!isSigned(body, typeof signature === 'string' ? signature : undefined, options.secrets))
    return refuse(401, 'its signature is missing or wrong');
  const delivery = String(headers['x-github-delivery'] ?? '');
  if (state.seen.has(delivery)) {
    counters.duplicate += 1;
    return [202, 'duplicate'];
  }
  if (!EVENTS.includes(String(headers['x-github-event'] ?? ''))) {
    counters.ignored += 1;
    return [202, 'ignored'];
  }
  const hint = hintOf(body);
  if (hint === null) return refuse(400, 'it is not the JSON of a delivery');
  remember(state.seen, delivery);
  if (!options.isKnown(hint.repository)) {
    counters.ignored += 1;
    note('a delivery was about another repository');
    return [202, 'ignored'];
  }
  counters.heard += 1;
  options.hint(hint);
  return [202, 'accepted'];
}

function remember(seen: Set<string>, delivery: string): void {
  if (delivery === '') return;
  seen.add(delivery);
  if (seen.size <= REMEMBERED) return;
  for (const oldest of seen) {
    seen.delete(oldest);
    return;
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  if (response.writableEnded) return;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  });
  response.end(text);
}
