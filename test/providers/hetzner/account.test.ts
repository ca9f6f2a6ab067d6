import { expect, it } from 'vitest';
import { hetzner } from '../../../providers/hetzner/index.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import type { Secrets } from '../../../schemas/secret.ts';
import { hetznerWorld } from './hetzner-world.ts';
import { bench, KEY, request } from './objects.ts';

const only = (values: { readonly [name: string]: string }): Secrets => {
  return name => Promise.resolve(values[name]);
};

async function refused(config: object, secrets: Secrets): Promise<ProviderFault> {
  const world = hetznerWorld();
  const call = hetzner.connect(world.context(), { ...world.config, ...config }, secrets);
  const error = await call.catch((one: unknown) => one);
  if (!(error instanceof ProviderFault)) throw error;
  return error;
}

it('says which variable is missing or wrong', async () => {
  const missing = await refused({}, only({}));
  expect(missing.error).toMatchObject({
    class: 'unauthenticated',
    message: expect.stringContaining('HCLOUD_TOKEN is not set'),
  });
  const wrong = await refused({ token: 'env:HCLOUD_OTHER' }, only({ 'env:HCLOUD_OTHER': 'wrong-9' }));
  expect(wrong.error).toMatchObject({ class: 'unauthenticated', message: expect.stringContaining('HCLOUD_OTHER') });
  expect(wrong.message).not.toContain('wrong-9');
});

it.each([
  ['https://api.hetzner.cloud/v1', true],
  ['http://127.0.0.1:8080/v1', true],
  ['http://localhost:8080', true],
  ['http://api.hetzner.cloud/v1', false],
  ['https://api.hetzner.cloud.example.org/v1', false],
  ['https://example.org', false],
])('sends the token to %s: %s', (url, isTrusted) => {
  expect(hetzner.config.safeParse({ url }).success).toBe(isTrusted);
});

it('knows prices by location, and what is sold out there', async () => {
  const { connection, ctx } = await bench({ soldOut: ['cx23 nbg1'] });
  const { sizes, prices, zones, currency } = await connection.catalogue(ctx);
  const offers = sizes.filter(({ name, kind }) => name === 'cx23' && kind === 'server');
  expect(offers.find(({ zones: [zone] }) => zone === 'fsn1')).toMatchObject({ monthly: 29_900, stock: null });
  expect(offers.find(({ zones: [zone] }) => zone === 'nbg1')).toMatchObject({ monthly: 29_900, stock: 0 });
  expect(offers.some(({ zones: [zone] }) => zone === 'ash')).toBe(false);
  expect(sizes.find(({ name }) => name === 'lb11')).toMatchObject({ kind: 'load-balancer', monthly: 53_900 });
  expect(prices).toContainEqual({ kind: 'volume', per: 'gib', monthly: 440 });
  expect(zones).toEqual(expect.arrayContaining(['fsn1', 'eu-central']));
  expect(currency).toBe('EUR');
});

it('finds the key that a project has already under another name', async () => {
  const { connection, ctx, create } = await bench();
  const made = await create('ssh-key', 'first', { publicKey: KEY });
  const second = request('ssh-key', 'second', { publicKey: KEY });
  await expect(connection.create(ctx, second)).rejects.toMatchObject({ error: { class: 'already-exists' } });
  expect(await connection.find(ctx, second)).toMatchObject([{ id: made.id }]);
});

it('waits for another action on the network of a subnet, and does not lose the subnet', async () => {
  const { connection, ctx, create, world, finish } = await bench({ actionMs: 5_000 });
  const network = await create('network', 'n', { ipRange: '10.0.0.0/16' });
  const spec = (nth: number) => ({ network: network.id, ipRange: `10.0.${nth}.0/24`, zone: 'fsn1' });
  const first = await connection.create(ctx, request('subnet', 'a', spec(1)));
  const second = request('subnet', 'b', spec(2));
  await expect(connection.create(ctx, second)).rejects.toMatchObject({ error: { class: 'conflict' } });
  await finish(first);
  await world.clock.sleep(5_000);
  await finish(await connection.create(ctx, second));
  const listed = await connection.list(ctx, 'shop@prod');
  expect(listed.filter(({ kind }) => kind === 'subnet').map(({ name }) => name)).toEqual([
    'shop-prod-a',
    'shop-prod-b',
  ]);
});
