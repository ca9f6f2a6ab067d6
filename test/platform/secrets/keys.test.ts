import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureAgeKey } from '../../../platform/secrets/keys/age-key.ts';
import { ensureLocalKey } from '../../../platform/secrets/keys/local-key.ts';
import type { KeySurroundings } from '../../../platform/secrets/keys/reach.ts';
import { keyService, unwrapAny, wrapFor } from '../../../platform/secrets/keys/services.ts';
import { newFileKey } from '../../../platform/secrets/sops/sealing.ts';
import { type Recipient, recipientOf, recipientText } from '../../../schemas/sops/metadata.ts';
import { keyContract } from './key-contract.ts';
import { type KeyServer, startCosmian, startTransit } from './key-servers.ts';

const place = mkdtempSync(join(tmpdir(), 'keys-'));
const folder = join(place, 'own');
const nobody: KeySurroundings = { environment: {}, fetch: globalThis.fetch, folder: join(place, 'none') };
let transit: KeyServer;
let cosmian: KeyServer;
const closed = 'http://127.0.0.1:22498';

beforeAll(async () => {
  [transit, cosmian] = [await startTransit(), await startCosmian()];
});
afterAll(async () => {
  await Promise.all([transit.close(), cosmian.close()]);
  rmSync(place, { recursive: true });
});

const own = (environment: KeySurroundings['environment'] = {}): KeySurroundings => ({ ...nobody, environment, folder });
const vaultAt = (address: string): Recipient => ({ is: 'vault', address, engine: 'transit', key: 'main' });
/** Everything is sent to an address where nobody listens. */
const lost = (surroundings: KeySurroundings): KeySurroundings => ({
  ...surroundings,
  fetch: (url, ask) => globalThis.fetch(closed + new URL(url).pathname, ask as RequestInit),
});

keyContract('local key file', async () => ({
  recipient: { is: 'local', id: await ensureLocalKey(folder) },
  surroundings: own(),
  stranger: { surroundings: nobody, code: null },
  down: null,
}));

keyContract('age', async () => ({
  recipient: { is: 'age', recipient: await ensureAgeKey(folder) },
  surroundings: own(),
  stranger: { surroundings: nobody, code: null },
  down: null,
}));

keyContract('Vault or OpenBao Transit (a server of ours that speaks its API)', async () => {
  const surroundings = own({ VAULT_ADDR: transit.url, VAULT_TOKEN: transit.token });
  const stranger = { surroundings: own({ VAULT_ADDR: transit.url, VAULT_TOKEN: 'another-token' }), code: 'denied' };
  return { recipient: vaultAt(transit.url), surroundings, stranger, down: lost(surroundings) };
});

keyContract('Cosmian KMS (a server of ours that speaks its API)', async () => {
  const surroundings = own({ COSMIAN_KMS_URL: cosmian.url, COSMIAN_KMS_TOKEN: cosmian.token });
  const stranger = {
    surroundings: own({ COSMIAN_KMS_URL: cosmian.url, COSMIAN_KMS_TOKEN: 'another' }),
    code: 'denied',
  };
  return {
    recipient: { is: 'cosmian', address: cosmian.url, key: 'main' },
    surroundings,
    stranger,
    down: lost(surroundings),
  };
});

it('moves one data key from backend to backend', async () => {
  const surroundings = own({
    VAULT_ADDR: transit.url,
    VAULT_TOKEN: transit.token,
    COSMIAN_KMS_URL: cosmian.url,
    COSMIAN_KMS_TOKEN: cosmian.token,
  });
  const chain: readonly Recipient[] = [
    { is: 'local', id: await ensureLocalKey(folder) },
    { is: 'age', recipient: await ensureAgeKey(folder) },
    vaultAt(transit.url),
    { is: 'cosmian', address: cosmian.url, key: 'main' },
  ];
  const key = newFileKey();
  let keys = await wrapFor(key, chain.slice(0, 1), surroundings);
  for (const next of [...chain.slice(1), ...chain.slice(0, 1)])
    keys = await wrapFor(await unwrapAny('a', keys, surroundings), [next], surroundings);
  expect(Buffer.from(await unwrapAny('a', keys, surroundings))).toEqual(Buffer.from(key));
});

it.each([500, 503, 404, 429])('takes status %i of a service for a service that cannot be used now', async status => {
  const surroundings = own({ VAULT_ADDR: transit.url, VAULT_TOKEN: transit.token });
  transit.fail(status);
  const said = await keyService(vaultAt(transit.url), surroundings)
    .wrap(newFileKey())
    .catch((error: { code: string }) => error.code);
  transit.fail(null);
  expect(said).toBe('unavailable');
});

it('sends no token to an address that only a file names', async () => {
  const surroundings = own({ VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: transit.token });
  const before = transit.asked.length;
  await expect(keyService(vaultAt(transit.url), surroundings).unwrap('vault:v1:x')).rejects.toMatchObject({
    code: 'denied',
  });
  expect(transit.asked.length).toBe(before);
});

it('refuses a local key that others can read', async () => {
  const id = await ensureLocalKey(folder);
  chmodSync(join(folder, 'local.key'), 0o644);
  await expect(keyService({ is: 'local', id }, own()).wrap(newFileKey())).rejects.toMatchObject({ code: 'denied' });
  chmodSync(join(folder, 'local.key'), 0o600);
  expect(readFileSync(join(folder, 'local.key'), 'utf8').trim()).toMatch(/^[A-Za-z0-9+/]{43}=$/);
});

it.each([
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  'arn:aws:kms:eu-central-1:123456789012:key/1',
  'arn:aws:kms:eu-central-1:123456789012:key/1+arn:aws:iam::123456789012:role/a',
  'https://vault.example:8200/v1/transit/keys/main',
  'local:0123456789abcdef',
  'cosmian+https://kms.example/main',
])('names %s in one line', line => {
  const recipient = recipientOf(line);
  expect(recipient === null ? null : recipientText(recipient)).toBe(line);
});
