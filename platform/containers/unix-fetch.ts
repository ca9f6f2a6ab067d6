import { request } from 'node:http';
import type { HttpFetch } from '../../schemas/http.ts';

/** `http+unix://%2Frun%2Fengine.sock/path`: HTTP over a socket of this machine. */
const ADDRESS = /^http\+unix:\/\/([^/]+)(\/.*)$/;

/** The socket of such an address; undefined for any other one. */
export function socketOf(url: string): string | undefined {
  const socket = /^http\+unix:\/\/([^/]+)/.exec(url)?.[1];
  return socket === undefined ? undefined : decodeURIComponent(socket);
}

/** A `fetch` that also speaks to sockets; everything else goes to the given one. */
export function withSockets(fetch: HttpFetch): HttpFetch {
  return (url, ask = {}) => {
    const [, socket, path] = ADDRESS.exec(url) ?? [];
    if (socket === undefined || path === undefined) return fetch(url, ask);
    const { method = 'GET', headers = {}, body, signal } = ask;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: decodeURIComponent(socket),
          path,
          method,
          headers: {
            host: 'localhost',
            ...headers,
            ...(body === undefined ? {} : { 'content-length': lengthOf(body) }),
          },
          ...(signal === undefined ? {} : { signal }),
        },
        answer => {
          const told = new Headers();
          for (const [name, value] of Object.entries(answer.headers)) told.set(name, String(value));
          resolve({ status: answer.statusCode ?? 0, headers: told, body: answer });
        },
      );
      // As the global fetch: what went wrong is the cause, with the code of the system.
      sent.on('error', error => reject(new TypeError('fetch failed', { cause: error })));
      sent.end(body);
    });
  };
}

function lengthOf(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}
