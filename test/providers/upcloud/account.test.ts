import { expect, it } from 'vitest';
import { ProviderFault } from '../../../schemas/provider.ts';
import type { Secrets } from '../../../schemas/secret.ts';
import { upcloud } from '../../../providers/upcloud/index.ts';
import { boundsOf, isWithin, plainAddress } from '../../../providers/upcloud/ranges.ts';
import { bench } from './objects.ts';
import { upcloudWorld } from './upcloud-world.ts';

const only = (values: { readonly [name: string]: string }): Secrets => {
  return name => Promise.resolve(values[name]);
};

async function refused(config: object, secrets: Secrets, settings = {}): Promise<ProviderFault> {
  const world = upcloudWorld(settings);
  const error = await upcloud
    .connect(world.context(), { ...world.config, ...config }, secrets)
    .catch((one: unknown) => one);
  if (!(error instanceof ProviderFault)) throw error;
  return error;
}

it('says which variable is missing or wrong', async () => {
  const missing = await refused({}, only({}));
  expect(missing.error).toMatchObject({
    class: 'unauthenticated',
    message: expect.stringContaining('env:UPCLOUD_TOKEN is not set'),
  });
  const wrong = await refused({ token: 'env:UPCLOUD_OTHER' }, only({ 'env:UPCLOUD_OTHER': 'ucat-wrong' }));
  expect(wrong.error).toMatchObject({
    class: 'unauthenticated',
    message: expect.stringContaining('env:UPCLOUD_OTHER'),
  });
  expect(wrong.message).not.toContain('ucat-wrong');
});

it('takes a name with a password', async () => {
  const world = upcloudWorld({ token: 'someone:secret-9' });
  const config = { ...world.config, username: 'env:UPCLOUD_USERNAME', password: 'env:UPCLOUD_PASSWORD' };
  const secrets = only({ 'env:UPCLOUD_USERNAME': 'someone', 'env:UPCLOUD_PASSWORD': 'secret-9' });
  expect((await upcloud.connect(world.context(), config, secrets)).account).toBe('fake-account');
});

it('refuses another account than the one that was meant', async () => {
  const world = upcloudWorld();
  const error = await refused({ account: 'somebody-else' }, world.secrets);
  expect(error.error).toMatchObject({ class: 'forbidden', code: 'wrong_account' });
});

it.each([
  ['https://api.upcloud.com', true],
  ['http://127.0.0.1:8080', true],
  ['http://localhost:8080/', true],
  ['http://api.upcloud.com', false],
  ['https://api.upcloud.com.example.org', false],
  ['https://example.org', false],
])('sends credentials to %s: %s', (url, isTrusted) => {
  expect(upcloud.config.safeParse({ url }).success).toBe(isTrusted);
});

it('knows prices by zone, and the limits that count objects', async () => {
  const { connection, ctx } = await bench();
  const catalogue = await connection.catalogue(ctx);
  const prices = catalogue.sizes.filter(size => size.name === '1xCPU-1GB');
  expect(prices.find(size => size.zones.includes('fi-hel1'))).toMatchObject({ monthly: 74_995, zones: ['fi-hel1'] });
  expect(prices.find(size => size.zones.includes('de-fra1'))?.monthly).toBe(49_997);
  expect(catalogue.prices).toContainEqual({ kind: 'volume', per: 'gib', monthly: 2_232 });
  expect(catalogue.quotas).toContainEqual({ kind: 'subnet', limit: 100, used: 0 });
});

it.each([
  ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
  ['192.0.2.7/32', '192.0.2.7', '192.0.2.7'],
  ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
  ['::/0', '0:0:0:0:0:0:0:0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8:0:8000::/49', '2001:db8:0:8000:0:0:0:0', '2001:db8:0:ffff:ffff:ffff:ffff:ffff'],
])('%s reaches from %s to %s', (range, first, last) => {
  expect(boundsOf(range)).toEqual({ first, last });
});

it('compares addresses whatever their spelling', () => {
  expect(plainAddress('2001:DB8::1')).toBe(plainAddress('2001:db8:0:0:0:0:0:1'));
  expect(plainAddress('10.0.0.1')).toBe('10.0.0.1');
  expect(isWithin('10.1.1.9', '10.1.1.0/24')).toBe(true);
  expect(isWithin('10.1.2.9', '10.1.1.0/24')).toBe(false);
});
