import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coredns } from '../../taskservs/coredns/index.ts';
import { mirrored } from '../../taskservs/host/mirrored.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import { polkadot } from '../../taskservs/polkadot/index.ts';
import type { Mirror } from '../../schemas/mirror.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { type Origin, openOrigin } from './origin/origin.ts';
import { standIn } from './origin/stand-in.ts';
import { type RealHost, realHost } from './real-host.ts';

describe('what comes from elsewhere', () => {
  let open: OpenHosts;
  let origin: Origin;
  let host: RealHost;
  let sources: string;
  beforeAll(async () => {
    open = await openHosts(1, { subnet: '10.214.3.0/24' });
    origin = await openOrigin('10.214.3.1');
    host = realHost(open, open.hosts[0] as (typeof open.hosts)[number]);
    await host.ssh(['apt-get', '-qq', 'update']);
    sources = await host.ssh(['sh', '-c', SOURCES]);
  }, 300_000);
  afterAll(async () => {
    await origin?.close();
    await open?.close();
  });

  it('is not unpacked where it is not what its user pinned: a download with another digest', async () => {
    const { url } = await origin.archive('coredns.tgz', { coredns: { text: standIn('coredns', 'nothing) ;;') } });
    const parameters = { version: '1.12.0', url, sha256: '0'.repeat(64) };
    await expect(host.apply(coredns, parameters)).rejects.toThrow(/does not have the pinned SHA-256/);
    const there = 'for f in /usr/local/bin/coredns /etc/coredns; do test -e $f && echo $f; done; :';
    expect(await host.ssh(['sh', '-c', there])).toBe('');
  }, 600_000);

  it('is not installed where it is not what its user pinned: packages of a repository that somebody else signed', async () => {
    const forged = { name: 'polkadot', version: '9.9.9', files: { 'usr/bin/polkadot': { text: '#!/bin/sh\n' } } };
    const repository = await origin.repository('forged', 'release', [forged], true);
    await expect(host.apply(polkadot, { repository })).rejects.toThrow(/NO_PUBKEY|not signed|signature/i);
    expect(await host.ssh(['sh', '-c', 'test -e /usr/bin/polkadot && echo there || echo gone'])).toBe('gone\n');
  }, 600_000);

  // The last one: it takes the way out of the network from the host.
  it('comes from the mirror on a host that has no other way out, packages of Debian as well', async () => {
    const { crun, polkadot: chain } = mirrored(TASKSERVS, await mirrorOf(host, open, origin));
    if (crun === undefined || chain === undefined) throw new Error('a service is missing');
    await host.ssh(['sh', '-c', 'ip route del default; rm -rf /var/lib/apt/lists/*']);
    await expect(host.ssh(['apt-get', '-o', 'APT::Update::Error-Mode=any', 'update'])).rejects.toThrow(/ended with/);
    const repository = await origin.repository('releases.parity.io/deb', 'release', [CHAIN]);
    await host.apply(crun, {});
    await host.apply(chain, { repository: { key: repository.key } });
    expect(await host.pending(crun, {})).toEqual([]);
    expect(await host.ssh(['crun', '--version'])).toMatch(/^crun version/);
    expect(await host.ssh(['dpkg-query', '-W', '-f', '${Version}', 'polkadot'])).toBe('1.16.0');
    await host.remove(crun, {});
    expect(await host.ssh(['apt-get', 'indextargets', '--format', '$(SITE)'])).toContain(origin.url);
    await host.remove(chain, { repository: { key: repository.key } });
    expect(await host.ssh(['sh', '-c', SOURCES])).toBe(sources);
  }, 600_000);
});

const CHAIN = {
  name: 'polkadot',
  version: '1.16.0',
  files: {
    'usr/bin/polkadot': {
      text: standIn('polkadot', 'nothing) ;;', [{ port: 9944, replies: [['/', '{"result":"Westend"}']] }]),
    },
    'lib/systemd/system/polkadot.service': {
      text: '[Service]\nExecStart=/usr/bin/polkadot\n[Install]\nWantedBy=multi-user.target\n',
    },
  },
  postinst: 'id polkadot >/dev/null 2>&1 || useradd --system --user-group --create-home polkadot',
};

/** Everything that says where packages come from. */
const SOURCES = 'cd /etc/apt && find . -type f -o -type l | sort | xargs sha256sum';

/** The real packages that crun needs, in a mirror of Debian with a key of its own. */
async function mirrorOf(host: RealHost, open: OpenHosts, origin: Origin): Promise<Mirror> {
  await host.ssh(['sh', '-c', 'apt-get -qq clean && apt-get -qq -y install --download-only crun curl ca-certificates']);
  const folder = join(open.podman.directory, 'archives');
  await open.podman.run(['cp', `${host.host.container}:/var/cache/apt/archives`, folder]);
  const debs = readdirSync(folder).filter(name => name.endsWith('.deb'));
  const packages = debs.map(name => ({ deb: join(folder, name) }));
  const { key } = await origin.repository('deb.debian.org/debian', 'bookworm', packages);
  return { url: origin.url, allowHttp: true, debian: { suites: ['release'], key } };
}
