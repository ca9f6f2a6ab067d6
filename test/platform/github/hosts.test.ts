import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHosts } from '../../../platform/github/hosts.ts';
import { virtualClock, worldOn } from '../../providers/virtual-clock.ts';

const world = worldOn(virtualClock());

describe('the host of an address', () => {
  it.each([
    ['https://github.com/acme/infra.git', true],
    ['git@github.com:acme/infra.git', true],
    ['ssh://git@github.com/acme/infra.git', true],
    ['ssh://git@github.com:22/acme/infra.git', true],
    ['ssh://git@ssh.github.com:443/acme/infra.git', true],
    ['https://github.com:8443/acme/infra.git', false],
    ['https://gitlab.com/acme/infra.git', false],
    ['/srv/git/infra.git', false],
  ])('%s: %s', async (url, isKnown) => {
    const hosts = openHosts({ environment: { GITHUB_TOKEN: 'token' }, world });
    expect((await hosts.forge(url)) !== null).toBe(isKnown);
  });
});

it('is asked again after a credential that could not be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
  try {
    const file = join(folder, 'key.pem');
    const environment = { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY_FILE: file };
    const hosts = openHosts({ environment, world });
    const url = 'https://github.com/acme/infra.git';
    await expect(hosts.forge(url)).rejects.toThrow('cannot be read');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(await hosts.forge(url)).not.toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
