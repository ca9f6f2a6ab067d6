import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpState {
  readonly url: string;
  /** Resources in the state as it was sent last. */
  resources(): number;
  close(): Promise<void>;
}

/** Keeps terraform's state in memory behind HTTP: what it can do best, since its local state is rewritten for every resource. */
export async function startHttpState(): Promise<HttpState> {
  let state: Buffer | null = null;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (part: Buffer) => chunks.push(part));
    request.on('end', () => {
      if (request.method === 'POST') state = Buffer.concat(chunks);
      const empty = request.method === 'GET' && state === null;
      response.writeHead(empty ? 204 : 200);
      response.end(request.method === 'GET' && state !== null ? state : undefined);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/state`,
    resources: () =>
      state === null ? 0 : (JSON.parse(state.toString()) as { resources: readonly unknown[] }).resources.length,
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
