import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coredns } from '../../taskservs/coredns/index.ts';
import { polkadot } from '../../taskservs/polkadot/index.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { type Origin, openOrigin } from './origin/origin.ts';
import { standIn } from './origin/stand-in.ts';
import { type RealHost, realHost } from './real-host.ts';

describe('what is not what its user pinned', () => {
  let open: OpenHosts;
  let origin: Origin;
  let host: RealHost;
  beforeAll(async () => {
    open = await openHosts(1, { subnet: '10.214.3.0/24' });
    origin = await openOrigin('10.214.3.1');
    host = realHost(open, open.hosts[0] as (typeof open.hosts)[number]);
    await host.ssh(['apt-get', '-qq', 'update']);
  }, 300_000);
  afterAll(async () => {
    await origin?.close();
    await open?.close();
  });

  it('is not unpacked: a download with another digest', async () => {
    const { url } = await origin.archive('coredns.tgz', { coredns: { text: standIn('coredns', 'nothing) ;;') } });
    const parameters = { version: '1.12.0', url, sha256: '0'.repeat(64) };
    await expect(host.apply(coredns, parameters)).rejects.toThrow(/does not have the pinned SHA-256/);
    const there = 'for f in /usr/local/bin/coredns /etc/coredns; do test -e $f && echo $f; done; :';
    expect(await host.ssh(['sh', '-c', there])).toBe('');
  }, 600_000);

  it('is not installed: packages of a repository that somebody else signed', async () => {
    const forged = { name: 'polkadot', version: '9.9.9', files: { 'usr/bin/polkadot': { text: '#!/bin/sh\n' } } };
    const repository = await origin.repository('forged', 'release', [forged], true);
    await expect(host.apply(polkadot, { repository })).rejects.toThrow(/NO_PUBKEY|not signed|signature/i);
    expect(await host.ssh(['sh', '-c', 'test -e /usr/bin/polkadot && echo there || echo gone'])).toBe('gone\n');
  }, 600_000);
});
