import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASKSERVS } from '../../taskservs/index.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { PROOFS } from './proofs.ts';
import { PREPARE, prove } from './prove.ts';
import { type RealHost, realHost } from './real-host.ts';

const names = Object.keys(PROOFS);

describe('services of Debian on real hosts', () => {
  let open: OpenHosts;
  let hosts: readonly RealHost[];
  beforeAll(async () => {
    open = await openHosts(names.length, { subnet: '10.213.1.0/24', profile: 'container-host', memoryMib: 2048 });
    hosts = open.hosts.map(host => realHost(open, host));
    await Promise.all(hosts.map(host => host.ssh(['sh', '-c', PREPARE])));
  }, 300_000);
  afterAll(() => open.close());

  // Side by side on the hosts, one after the other on each; all of them are tried, and all that failed are told.
  it('are installed, used, in sync, changed, used and removed', async () => {
    const failed: string[] = [];
    await Promise.all(
      names.map(async (name, at) => {
        for (const proof of PROOFS[name] ?? []) {
          const started = Date.now();
          try {
            await prove(hosts[at] as RealHost, proof);
            console.log(`${proof.service}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
          } catch (error) {
            const why = `${proof.service}: ${error instanceof Error ? error.message : String(error)}`;
            console.log(why);
            failed.push(why);
          }
        }
      }),
    );
    expect(failed).toEqual([]);
  }, 2_400_000);

  it('refuse a host that is too little for them, and say what to do', async () => {
    const kvm = TASKSERVS['kvm'];
    if (kvm === undefined) throw new Error('there is no service kvm');
    await expect(hosts[0]?.pending(kvm, {})).rejects.toThrow(/\/dev\/kvm is not there: .*nested virtualisation/);
  });
});
