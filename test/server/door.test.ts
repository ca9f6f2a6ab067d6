import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemWorld } from '../../platform/clock/world.ts';
import { openWebhooks, type WebhookDoor } from '../../server/door.ts';
import type { Hint } from '../../server/hint.ts';

const SECRET = 'a secret of enough characters';
const OLD = 'the one that was used before it';

let door: WebhookDoor;
let hints: Hint[];
let notes: string[];
beforeEach(async () => {
  hints = [];
  notes = [];
  door = await openWebhooks({
    host: '127.0.0.1',
    port: 0,
    clock: systemWorld({}).clock,
    secrets: [SECRET, OLD],
    isKnown: repository => repository === 'acme/infra',
    hint: hint => hints.push(hint),
    note: what => notes.push(what),
    limits: { bodyBytes: 10_000, bodyMs: 300 },
  });
});
afterEach(() => door.close());

const BODY = JSON.stringify({ repository: { full_name: 'acme/infra' }, pull_request: { number: 7 } });

function sign(body: string, secret = SECRET, algorithm = 'sha256'): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}

async function post(body: string, headers: { readonly [name: string]: string }) {
  const answer = await fetch(door.url, {
    method: 'POST',
    body,
    headers: { 'x-github-event': 'pull_request', 'x-github-delivery': '1', ...headers },
  });
  return [answer.status, await answer.text()] as const;
}

const signed = (body: string, more: { readonly [name: string]: string } = {}) =>
  post(body, { 'x-hub-signature-256': sign(body), ...more });

describe('a delivery', () => {
  test('that is signed becomes a hint', async () => {
    expect(await signed(BODY)).toEqual([202, 'accepted']);
    expect(hints).toEqual([{ repository: 'acme/infra', pull: 7 }]);
  });

  test('that is signed with the secret from before counts as well', async () => {
    expect(await post(BODY, { 'x-hub-signature-256': sign(BODY, OLD) })).toEqual([202, 'accepted']);
  });

  test.each([
    ['H1 has no signature', {}],
    ['H2 has a wrong one of the right length', { 'x-hub-signature-256': sign('other') }],
    ['H3 has one of another length', { 'x-hub-signature-256': 'sha256=abcd' }],
    ['H3 has none that is one', { 'x-hub-signature-256': 'yes' }],
    ['H4 has a SHA-1 signature alone', { 'x-hub-signature': sign(BODY, SECRET, 'sha1') }],
  ])('%s: is refused with the same answer', async (name, headers) => {
    expect(await post(BODY, headers)).toEqual([401, '']);
    expect(hints).toEqual([]);
    expect(notes.some(note => note.includes('SHA-1'))).toBe(name.startsWith('H4'));
  });

  test.each([
    ['H7 is not JSON', 'payload=%7B%7D'],
    ['H7 is cut off', BODY.slice(0, -3)],
    ['H7 has a key twice', '{"repository":{"full_name":"acme/infra","full_name":"evil/one"}}'],
    ['H7 is too deep', `{"repository":${'['.repeat(4_000)}${']'.repeat(4_000)}}`],
    ['H7 names no repository', '{}'],
  ])('%s: is refused after its signature held', async (_, body) => {
    expect(await signed(body)).toEqual([400, '']);
    expect(hints).toEqual([]);
  });

  test.each(['ping', 'star', 'unknown_event'])('H8 of the event %s is ignored', async event => {
    expect(await signed(BODY, { 'x-github-event': event })).toEqual([202, 'ignored']);
  });

  test('H9 about another repository is ignored, and noted once', async () => {
    const body = BODY.replace('acme/infra', 'evil/one');
    for (const id of ['1', '2', '3']) expect(await signed(body, { 'x-github-delivery': id })).toEqual([202, 'ignored']);
    expect(notes).toHaveLength(1);
  });

  test('H10 that comes twice is a hint once', async () => {
    await signed(BODY);
    expect(await signed(BODY)).toEqual([202, 'duplicate']);
    expect(hints).toHaveLength(1);
    expect(door.counters).toMatchObject({ heard: 1, duplicate: 1 });
  });

  test('H5 that says that it is too large is refused unread', async () => {
    const body = ' '.repeat(20_000);
    expect(await signed(body).catch(() => [413, ''])).toEqual([413, '']);
    expect(door.counters.rejected).toEqual({ 'it is too large': 1 });
  });

  test('H5 without an end is refused when it has become too large', async () => {
    const said = await raw('transfer-encoding: chunked\r\n\r\n', socket => {
      const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;
      const more = (): void => void (socket.writable && socket.write(chunk, () => setImmediate(more)));
      more();
    });
    expect(said).toContain('413');
  });

  test('H6 that comes too slowly is refused', async () => {
    expect(await raw('content-length: 100\r\n\r\n', socket => void socket.write('{'))).toContain('408');
  });
});

test('without a secret, or with a short one, no door opens', async () => {
  const { clock } = systemWorld({});
  const options = { host: '127.0.0.1', port: 0, clock, isKnown: () => true, hint: () => {} };
  for (const secrets of [[], ['short']])
    await expect(openWebhooks({ ...options, secrets })).rejects.toMatchObject({ code: 'usage' });
});

/** Sends a request by hand and gives back all that comes until the other side closes. */
function raw(rest: string, send: (socket: ReturnType<typeof connect>) => void): Promise<string> {
  const { port } = new URL(door.url);
  return new Promise(resolve => {
    let said = '';
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(`POST /webhooks/github HTTP/1.1\r\nhost: x\r\n${rest}`);
      send(socket);
    });
    socket.on('data', part => {
      said += String(part);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(said));
  });
}
