import { type CloudCore, type CloudOptions, createCloud } from '../../../platform/demo-cloud/cloud.ts';
import type { CloudReply } from '../../../platform/demo-cloud/model.ts';

interface Told {
  readonly status: number;
  readonly reply: CloudReply;
  // The tests look into answers freely; the shape is what they check.
  readonly body: Loose;
}

interface Loose {
  readonly [key: string]: Loose;
}

export interface Talk {
  readonly core: CloudCore;
  /** Moves the time of the next requests. */
  at(nowMs: number): void;
  send(method: string, path: string, body?: unknown, headers?: { readonly [name: string]: string }): Told;
  /** Creates a server and returns its id. */
  server(name: string, more?: object, headers?: { readonly [name: string]: string }): string;
}

export const START_MS = 1_800_000_000_000;

/** A cloud core, and a short way to talk to it. */
export function talk(options: CloudOptions = {}): Talk {
  const core = createCloud(options);
  let nowMs = START_MS;
  const send: Talk['send'] = (method, path, body, headers = {}) => {
    const reply = core.handle({ method, path, headers, body: body === undefined ? '' : JSON.stringify(body) }, nowMs);
    return { status: reply.status, reply, body: JSON.parse(reply.body === '' ? 'null' : reply.body) as Loose };
  };
  return {
    core,
    at(ms) {
      nowMs = ms;
    },
    send,
    server(name, more = {}, headers = {}) {
      const { body, status } = send(
        'POST',
        '/v1/servers',
        { name, size: 'small', image: 'debian-12', ...more },
        headers,
      );
      if (status >= 300) throw new Error(JSON.stringify(body));
      return String(body['object']?.['id']);
    },
  };
}
