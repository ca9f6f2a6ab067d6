import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A server that hands everything on to another one, and keeps what was sent. */
export interface Tap {
  readonly url: string;
  /** Every request so far, as it was sent: a comment that is edited later is here with all its texts. */
  sent(): Buffer;
  close(): Promise<void>;
}

const OWN = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'content-encoding', 'keep-alive']);

export async function openTap(to: string): Promise<Tap> {
  const sent: Buffer[] = [];
  const server = createServer((asked, answer) => {
    void (async () => {
      const body = await buffer(asked);
      sent.push(Buffer.from(`${asked.method} ${asked.url}\n`), body, Buffer.from('\n'));
      const reply = await fetch(`${to}${asked.url}`, {
        method: asked.method ?? 'GET',
        headers: carried(asked.headers),
        ...(body.length === 0 ? {} : { body }),
        redirect: 'manual',
      });
      const headers = [...reply.headers].filter(([name]) => !OWN.has(name));
      answer.writeHead(reply.status, Object.fromEntries(headers)).end(Buffer.from(await reply.arrayBuffer()));
    })().catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent: () => Buffer.concat(sent),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function carried(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (OWN.has(name) ? [] : [[name, String(value)]])),
  );
}
