import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Github, openGithub } from '../../../platform/github/github.ts';
import type { GithubCredential } from '../../../platform/github/credential.ts';
import type { Fault } from '../../../schemas/fault.ts';
import type { World } from '../../../schemas/world.ts';

export const TOKEN = 'ghp_thisIsTheSecretOfTheTest';

/** Time that passes only when somebody waits. */
export function waitingWorld(): World & { readonly slept: number[] } {
  let monotonic = 0;
  const slept: number[] = [];
  return {
    slept,
    clock: {
      now: () => 1_700_000_000_000 + monotonic,
      monotonic: () => monotonic,
      sleep(ms) {
        slept.push(ms);
        monotonic += ms;
        return Promise.resolve();
      },
    },
    randomHex: count => '0'.repeat(count * 2),
    reach: () => Promise.resolve(),
  };
}

export interface Asked {
  /** `GET /repos/acme/infra/pulls?state=open` */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly [name: string]: unknown };
}

/** `cut`: the connection ends without an answer. */
export interface Said {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly json?: unknown;
  readonly text?: string;
  readonly cut?: boolean;
}

/** An HTTP server on loopback that says what the test wants, and the adapter connected to it. */
export async function stub(
  say: (asked: Asked, count: number) => Said | undefined,
  more: { readonly credential?: GithubCredential } = {},
): Promise<{ readonly github: Github; readonly asked: Asked[]; readonly slept: number[]; readonly origin: string }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const one = { line: `${request.method} ${request.url}`, headers: request.headers, body: JSON.parse(text || '{}') };
    asked.push(one);
    const said = say(one, asked.length) ?? known(one) ?? { status: 404, json: { message: 'Not Found' } };
    if (said.cut === true) return void request.socket.destroy();
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json; charset=utf-8', ...said.headers });
    response.end(said.status === 304 || said.status === 204 ? undefined : (said.text ?? JSON.stringify(said.json)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = waitingWorld();
  const credential = more.credential ?? { token: TOKEN };
  const github = await openGithub({ repository: 'acme/infra', apiUrl: `${origin}/api/v3`, credential, world });
  return { github, asked, slept: world.slept, origin };
}

/** What every test needs and none is about. */
function known({ line }: Asked): Said | undefined {
  if (line === 'GET /api/v3/user') return { json: { login: 'robot' } };
  if (line === 'GET /api/v3/repos/acme/infra') return { json: { default_branch: 'main' } };
  return undefined;
}

export const SHA = 'a'.repeat(40);
export const TIME = '2026-01-02T03:04:05Z';

/** A pull request as the host tells it, with many fields left out that nobody reads. */
export function pullAnswer(number: number, more: object = {}): object {
  return {
    number,
    title: `Change ${number}`,
    html_url: `https://github.com/acme/infra/pull/${number}`,
    user: { login: 'ada' },
    state: 'open',
    draft: false,
    merged_at: null,
    merge_commit_sha: SHA,
    labels: [{ id: 1, name: 'urgent' }],
    updated_at: TIME,
    head: { sha: SHA, ref: 'topic', repo: { full_name: 'acme/infra' } },
    base: { sha: SHA, ref: 'main', repo: { full_name: 'acme/infra' } },
    ...more,
  };
}

/** A comment as the host tells it. */
export function commentAnswer(id: number, body: unknown, login = 'robot'): object {
  return { id, user: { login }, body, created_at: TIME, updated_at: TIME };
}

export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  return promise.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: Fault) => error,
  );
}
