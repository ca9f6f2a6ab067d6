import { expect, it } from 'vitest';
import { oras } from '../../taskservs/oras/index.ts';
import { openHosts } from '../hosts/open-hosts.ts';
import { realHost } from './real-host.ts';

it('oras is installed on Debian 13, pushes and pulls, is in sync, and is removed', async () => {
  await using open = await openHosts(1, { subnet: '10.214.2.0/24', image: 'debian-13' });
  const [only] = open.hosts;
  if (only === undefined) throw new Error('no host');
  const host = realHost(open, only, 'trixie');
  await host.ssh(['apt-get', '-qq', 'update']);
  await host.apply(oras, {});
  expect(await host.pending(oras, {})).toEqual([]);
  expect((await host.remove(oras, {})).packages['oras'] ?? null).toBeNull();
}, 900_000);
