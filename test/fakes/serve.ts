import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the fakes take it. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/** An answer as the fakes give it. */
interface Given {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly delayMs: number;
  readonly wire: 'answer' | 'lost' | 'cut' | 'drip';
  readonly dripMs: number;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** A fake on a port of the loopback interface, by the clock of this machine. */
export async function serve(handle: (request: Asked, nowMs: number) => Given, port = 0): Promise<Served> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = Buffer.concat(chunks).toString('utf8');
      const answer = handle({ method: request.method ?? 'GET', path: request.url ?? '/', headers, body }, Date.now());
      const send = (): void => {
        if (answer.wire === 'lost' || answer.wire === 'cut') return void request.socket.destroy();
        response.writeHead(answer.status, answer.headers).end(answer.status === 204 ? undefined : answer.body);
      };
      if (answer.delayMs + answer.dripMs === 0) send();
      else setTimeout(send, answer.delayMs + answer.dripMs);
    });
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
