import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type DemoCloud, type DemoCloudOptions, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { demo } from '../../providers/demo/index.ts';
import type { CallContext, Connection, CreateRequest, ProviderError } from '../../schemas/provider.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import type { Clock } from '../../schemas/world.ts';
import { worldOn } from './virtual-clock.ts';
import { noSecrets } from './no-secrets.ts';

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function context(timeoutMs = 5_000): CallContext {
  return { world: worldOn(realClock), signal: new AbortController().signal, fetch: globalThis.fetch, timeoutMs };
}

async function start(options: DemoCloudOptions): Promise<{ cloud: DemoCloud; connection: Connection }> {
  const cloud = await startDemoCloud(options);
  closing.push(() => cloud.close());
  return { cloud, connection: await demo.connect(context(), { url: cloud.url }, noSecrets) };
}

/** A server that gives every request the same answer. */
async function stub(answer: {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body: () => Iterable<string>;
}): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(answer.status, answer.headers);
    for (const part of answer.body()) response.write(part);
    response.end();
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const request: CreateRequest = {
  kind: 'network',
  owner: { workspace: 'shop', lineage: 'abcdef012345', address: 'network/main', opId: 'op-1' },
  spec: { ipRange: '10.0.0.0/16' },
  protect: false,
};

async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFault) return error.error;
  throw error instanceof Error ? error : new Error('the call succeeded');
}

describe('the demo provider over real connections', () => {
  it.each(['request-lost', 'answer-lost', 'reset-mid-body', 'truncated', 'empty', 'html'] as const)(
    'does not know after %s, and looks',
    async fault => {
      const { cloud, connection } = await start({ faults: [{ fault, match: { operation: 'create' } }] });
      expect((await errorOf(connection.create(context(), request))).class).toBe('unknown-outcome');
      expect(cloud.core.ledger().filter(entry => entry.method === 'POST')).toHaveLength(1);
      const found = await connection.find(context(), request);
      expect(found.map(object => object.id)).toEqual(cloud.core.objects().map(object => object.id));
      expect(found).toHaveLength(fault === 'request-lost' ? 0 : 1);
    },
  );

  it('does not wait for a body that drips', async () => {
    const { connection } = await start({
      faults: [{ fault: 'slow-drip', ms: 20_000, match: { operation: 'create' } }],
    });
    const started = performance.now();
    expect(await errorOf(connection.create(context(200), request))).toMatchObject({
      class: 'unknown-outcome',
      code: 'timed_out',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await connection.find(context(), request)).toHaveLength(1);
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const { cloud, connection } = await start({});
    await cloud.close();
    expect(await errorOf(connection.create(context(), request))).toMatchObject({
      class: 'transient',
      code: 'unreachable',
    });
    closing.pop();
  });

  it('follows no redirect', async () => {
    const target = await stub({ status: 200, body: () => ['{"name":"stolen"}'] });
    const url = await stub({ status: 307, headers: { location: `${target}/v1/account` }, body: () => [''] });
    expect((await errorOf(demo.connect(context(), { url }, noSecrets))).class).toBe('drift-api');
  });

  it('stops reading a reply that is too long', async () => {
    const part = 'x'.repeat(1 << 20);
    const url = await stub({ status: 200, body: () => Array.from({ length: 20 }, () => part) });
    expect(await errorOf(demo.connect(context(), { url }, noSecrets))).toMatchObject({
      class: 'transient',
      code: 'reply_too_large',
    });
  });

  it.each([
    [{}, 'no_url'],
    [{ url: 'ftp://x' }, 'invalid_config'],
    [{ url: 'http://x', profile: 'azure' }, 'invalid_config'],
    [{ url: 'http://x', secret: 'hunter2' }, 'invalid_config'],
  ])('refuses the configuration %j', async (config, code) => {
    expect(await errorOf(demo.connect(context(), config, noSecrets))).toMatchObject({ class: 'invalid-input', code });
  });

  it.each([
    [-3_600_000, 'the clock of this machine is 3600 s ahead of the cloud'],
    [600_000, 'the clock of this machine is 600 s behind the cloud'],
    [0, 'does not accept the credentials'],
  ])('says what the clock has to do with a refused token: %i ms', async (aheadMs, words) => {
    const date = new Date(Date.now() + aheadMs).toUTCString();
    const url = await stub({ status: 401, headers: { date }, body: () => ['{"error":{"code":"unauthorized"}}'] });
    const error = await errorOf(demo.connect(context(), { url }, noSecrets));
    expect(error.class).toBe('unauthenticated');
    expect(error.message.replace(/ (?:3599|3601) s /, ' 3600 s ').replace(/ (?:599|601) s /, ' 600 s ')).toContain(
      words,
    );
  });

  it('says that the token is not accepted', async () => {
    const cloud = await startDemoCloud({ settings: { token: 'right' } });
    closing.push(() => cloud.close());
    expect((await errorOf(demo.connect(context(), { url: cloud.url, token: 'wrong' }, noSecrets))).class).toBe(
      'unauthenticated',
    );
    expect((await demo.connect(context(), { url: cloud.url, token: 'right' }, noSecrets)).account).toBe('demo');
  });
});

describe('capability', () => {
  it('follows the profile', () => {
    expect(demo.capability('server', {})).toEqual({
      idempotency: 'unique-name',
      visibleAfterMs: 0,
      override: { createFirst: false },
    });
    expect(demo.capability('volume', { profile: 'ec2' })).toEqual({
      idempotency: 'client-token',
      visibleAfterMs: 5_000,
    });
    expect(demo.capability('taskserv.redis', { profile: 'upcloud', visibleAfterMs: 60_000 })).toEqual({
      idempotency: 'label-scan',
      visibleAfterMs: 60_000,
    });
    expect(demo.capability('spaceship', {})).toBeUndefined();
  });
});
