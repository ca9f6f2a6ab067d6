import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCloud, type CloudCore } from './cloud.ts';
import type { FaultRuleInput } from './faults.ts';
import { openJournal } from './journal.ts';
import type { CloudReply } from './model.ts';
import type { SettingsInput } from './settings.ts';

export interface DemoCloudOptions {
  /** Folder that keeps the cloud between two starts. Without it everything is forgotten at the end. */
  readonly home?: string;
  /** Port on the loopback address; 0, the default, takes a free one. */
  readonly port?: number;
  readonly settings?: SettingsInput;
  readonly faults?: readonly FaultRuleInput[];
  /** Called when the ledger cannot be written; from then on every request is dropped. */
  readonly broken?: (error: unknown) => void;
}

export interface DemoCloud {
  readonly url: string;
  readonly core: CloudCore;
  close(): Promise<void>;
}

/** Longest request body in bytes. */
const BODY_BYTES = 1 << 20;

/** Starts a cloud on the loopback interface of this machine. What it answered, it never forgets, even when it is killed. */
export async function startDemoCloud(options: DemoCloudOptions = {}): Promise<DemoCloud> {
  const journal = options.home === undefined ? null : await openJournal(options.home);
  const core = createCloud({
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(journal === null ? {} : { journal: journal.lines, record: journal.append }),
  });
  const door: Door = { core, isBroken: false, broken: options.broken };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void serve(door, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    core,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
      journal?.close();
    },
  };
}

interface Door {
  readonly core: CloudCore;
  /** The ledger could not be written: what is in memory is more than what is kept, so nothing is answered any more. */
  isBroken: boolean;
  readonly broken: DemoCloudOptions['broken'] | undefined;
}

async function serve(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyText(request).catch(() => null);
  if (body === null || door.isBroken) {
    response.destroy();
    return;
  }
  const headers = request.headers as { readonly [name: string]: string | undefined };
  let reply: CloudReply;
  try {
    reply = door.core.handle({ method: request.method ?? 'GET', path: request.url ?? '/', headers, body }, Date.now());
  } catch (error) {
    door.isBroken = true;
    response.destroy();
    door.broken?.(error);
    return;
  }
  if (reply.delayMs > 0) setTimeout(() => send(reply, response), reply.delayMs).unref();
  else send(reply, response);
}

/** Reads the body to its end; null when it is longer than allowed, of which nothing is kept. */
async function bodyText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_BYTES) chunks.push(chunk);
  }
  return size > BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function send(reply: CloudReply, response: ServerResponse): void {
  if (reply.wire === 'lost') {
    response.destroy();
    return;
  }
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  if (reply.wire === 'answer') {
    response.end(body);
  } else if (reply.wire === 'cut') {
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  } else {
    drip(body, response, reply.dripMs);
  }
}

function drip(body: Buffer, response: ServerResponse, dripMs: number): void {
  const size = Math.max(1, Math.ceil(body.length / 10));
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + size));
    at += size;
    if (at < body.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, dripMs / 10);
}
