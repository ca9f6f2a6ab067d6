import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoCloud, type DemoCloudOptions, startDemoCloud } from '../../../platform/demo-cloud/server.ts';
import { serveDemoCloud } from '../../../platform/demo-cloud/serve.ts';
import { Fault } from '../../../schemas/fault.ts';

let home = '';
const open: DemoCloud[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'demo-cloud-'));
});
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud.close();
  rmSync(home, { recursive: true });
});

async function start(options: DemoCloudOptions = {}): Promise<DemoCloud> {
  const cloud = await startDemoCloud(options);
  open.push(cloud);
  return cloud;
}

async function stop(cloud: DemoCloud): Promise<void> {
  open.splice(open.indexOf(cloud), 1);
  await cloud.close();
}

function create(cloud: DemoCloud, name: string): Promise<Response> {
  return fetch(`${cloud.url}/v1/servers`, {
    method: 'POST',
    body: JSON.stringify({ name, size: 'small', image: 'debian-12' }),
  });
}

describe('over a socket', () => {
  it('answers as the core does', async () => {
    const cloud = await start();
    const response = await create(cloud, 'web');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      object: { id: 'srv-1', name: 'web', state: 'running' },
      action: null,
    });
    expect(cloud.core.objects()).toHaveLength(1);
  });

  it.each([
    ['request-lost', 0],
    ['answer-lost', 1],
  ] as const)('%s ends the connection without a byte', async (fault, objects) => {
    const cloud = await start({ faults: [{ fault }] });
    await expect(create(cloud, 'web')).rejects.toThrow(TypeError);
    expect(cloud.core.objects()).toHaveLength(objects);
    expect(cloud.core.ledger()).toHaveLength(1);
    expect(cloud.core.faults()[0]?.fired).toBe(1);
  });

  it('reset-mid-body ends it within the body', async () => {
    const cloud = await start({ faults: [{ fault: 'reset-mid-body' }] });
    const response = await create(cloud, 'web');
    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(cloud.core.objects()).toHaveLength(1);
  });

  it('slow-drip gives the whole body, slowly', async () => {
    const cloud = await start({ faults: [{ fault: 'slow-drip', ms: 200 }] });
    const started = performance.now();
    const response = await create(cloud, 'web');
    expect(await response.json()).toMatchObject({ object: { id: 'srv-1' } });
    expect(performance.now() - started).toBeGreaterThanOrEqual(150);
  });

  it('latency delays the answer, not the effect', async () => {
    const cloud = await start({ settings: { latency: { writes: 1_000 } } });
    const started = performance.now();
    const call = create(cloud, 'web');
    await expect.poll(() => cloud.core.objects().length, { interval: 5 }).toBe(1);
    expect(performance.now() - started).toBeLessThan(1_000);
    await call;
    expect(performance.now() - started).toBeGreaterThanOrEqual(995);
  });

  it('drops a body beyond its limit', async () => {
    const cloud = await start();
    const ended = await new Promise(resolve => {
      const request = httpRequest(`${cloud.url}/v1/servers`, { method: 'POST' }, () => resolve('answered'));
      request.on('error', () => resolve('dropped'));
      request.end('x'.repeat(2 << 20));
    });
    expect(ended).toBe('dropped');
    expect(cloud.core.ledger()).toEqual([]);
  });
});

describe('kept on disk', () => {
  it('is the same after a restart', async () => {
    const first = await start({ home });
    await create(first, 'web');
    await fetch(`${first.url}/admin/settings`, { method: 'PATCH', body: '{"quotas":{"server":2}}' });
    const objects = first.core.objects();
    await stop(first);
    const second = await start({ home });
    expect(second.core.objects()).toEqual(objects);
    expect(second.core.ledger()).toEqual(first.core.ledger());
    expect((await create(second, 'web')).status).toBe(409);
    expect((await create(second, 'db')).status).toBe(201);
    expect((await create(second, 'more')).status).toBe(403);
  });

  it('loses no more than a line that was cut short', async () => {
    const first = await start({ home });
    await create(first, 'web');
    await stop(first);
    const file = join(home, 'ledger.jsonl');
    const whole = readFileSync(file, 'utf8');
    appendFileSync(file, '{"entry":{"seq":2,"writes":{"objects":[{"id":"srv-2"');
    const second = await start({ home });
    expect(second.core.objects().map(object => object.id)).toEqual(['srv-1']);
    expect(readFileSync(file, 'utf8')).toBe(whole);
    await create(second, 'db');
    await stop(second);
    expect((await start({ home })).core.objects().map(object => object.id)).toEqual(['srv-1', 'srv-2']);
  });

  it('belongs to one process', async () => {
    await start({ home });
    const error = await startDemoCloud({ home }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('locked');
  }, 10_000);

  it('is taken over from a process that died', async () => {
    writeFileSync(join(home, 'lock'), '4194304');
    await create(await start({ home }), 'web');
    expect(readFileSync(join(home, 'lock'), 'utf8')).toBe(String(process.pid));
  });
});

describe('serveDemoCloud', () => {
  it('says where it listens until it is asked to end', async () => {
    const end = new AbortController();
    const file = join(home, 'address.json');
    let serving: Promise<void> = Promise.resolve();
    const address = await new Promise<{ url: string; pid: number }>(resolve => {
      serving = serveDemoCloud({ home, signal: end.signal, ready: resolve });
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(address);
    expect(address.pid).toBe(process.pid);
    expect(await (await fetch(`${address.url}/v1/account`)).json()).toEqual({ name: 'demo' });
    end.abort();
    await serving;
    expect(existsSync(file)).toBe(false);
    await expect(fetch(`${address.url}/v1/account`)).rejects.toThrow();
  });
});
