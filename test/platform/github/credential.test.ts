import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { credentialFrom } from '../../../platform/github/credential.ts';

const folder = mkdtempSync(join(tmpdir(), 'github-credential-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
const pkcs1 = rsa.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const curve = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const file = join(folder, 'key.pem');
writeFileSync(file, pkcs1);

describe('a credential', () => {
  it.each([
    [{ GITHUB_TOKEN: 'a' }, { token: 'a' }],
    [{ GITHUB_TOKEN: ' a\n' }, { token: 'a' }],
    [{ GITHUB_TOKEN: 'a', PROVISIONING_GITHUB_TOKEN: 'b' }, { token: 'b' }],
    [{ GITHUB_TOKEN: 'a', PROVISIONING_GITHUB_TOKEN: '' }, { token: 'a' }],
    [
      { GITHUB_TOKEN: 'a', GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pkcs1 },
      { appId: '7', privateKey: pkcs8 },
    ],
    [
      { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pkcs8.replaceAll('\n', '\\n'), GITHUB_APP_INSTALLATION_ID: '9' },
      { appId: '7', privateKey: pkcs8, installationId: 9 },
    ],
    [
      { GITHUB_APP_ID: 'Iv1.b2', GITHUB_APP_PRIVATE_KEY_FILE: file },
      { appId: 'Iv1.b2', privateKey: pkcs8 },
    ],
  ])('case %#', async (environment, credential) => {
    expect(await credentialFrom(environment)).toEqual(credential);
  });

  it.each([
    ['denied', {}, /no credential/],
    ['denied', { GITHUB_TOKEN: ' ' }, /no credential/],
    ['usage', { GITHUB_TOKEN: 'sec ret' }, /white space/],
    ['usage', { GITHUB_APP_ID: '7' }, /not its private key/],
    ['usage', { GITHUB_APP_PRIVATE_KEY: pkcs1 }, /not its number/],
    ['usage', { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: 'secret' }, /cannot be read/],
    ['usage', { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: curve }, /not an RSA key/],
    ['usage', { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY_FILE: join(folder, 'none') }, /cannot be read/],
    ['usage', { GITHUB_APP_ID: '7/8', GITHUB_APP_PRIVATE_KEY: pkcs1 }, /is not one/],
    [
      'usage',
      { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pkcs1, GITHUB_APP_INSTALLATION_ID: 'x' },
      /installation number/,
    ],
  ] as const)('%s: case %#', async (code, environment, what) => {
    const failed = credentialFrom(environment);
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(what) });
    await expect(failed).rejects.not.toThrow(/sec ret|secret/);
  });
});
