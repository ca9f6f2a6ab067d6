import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskService } from '../../schemas/taskserv.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { type Proof, PROOFS } from './proofs.ts';
import { type RealHost, realHost } from './real-host.ts';

const names = Object.keys(PROOFS);

/** A service through its whole life on a host. Every step must hold before the next one. */
async function prove(host: RealHost, { service: name, parameters, changed, use, versions }: Proof): Promise<void> {
  const service = TASKSERVS[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  if (versions !== undefined) await proveVersions(host, service, { parameters, versions });
  await host.apply(service, parameters);
  expect(await host.pending(service, parameters), `${name}: nothing to do after installing`).toEqual([]);
  await host.apply(service, changed);
  expect(await host.pending(service, changed), `${name}: nothing to do after the change`).toEqual([]);
  if (use !== undefined) expect(await host.ssh(['sh', '-c', use.script]), `${name}: used`).toMatch(use.prints);
  const after = await host.remove(service, changed);
  expect(after.markers[name], `${name}: forgotten`).toBeUndefined();
  const left = Object.entries(after.daemons).filter(([, { active }]) => active === 'active');
  expect(
    left.filter(([daemon]) => !STAYS.includes(daemon)),
    `${name}: nothing runs any more`,
  ).toEqual([]);
}

/** Upgrade and downgrade between the two versions that Debian has of a package; none where there is but one today. */
async function proveVersions(
  host: RealHost,
  service: TaskService,
  { parameters, versions }: Required<Pick<Proof, 'parameters' | 'versions'>>,
): Promise<void> {
  const lines = (await host.ssh(['apt-cache', 'madison', versions])).split('\n');
  const [newer, older] = new Set(lines.map(line => line.split('|')[1]?.trim() ?? '').filter(line => line !== ''));
  for (const version of [older, newer, older]) {
    if (version === undefined) continue;
    await host.apply(service, { ...parameters, version });
    expect(await host.ssh(['dpkg-query', '-W', '-f', '${Version}', versions]), service.name).toBe(version);
    expect(await host.pending(service, { ...parameters, version }), service.name).toEqual([]);
  }
}

/** Containers inside the containers that are the hosts need their control groups writable, and packages their lists. */
const PREPARE = String.raw`
for group in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,bind,rw "$group" 2>/dev/null || :; done
apt-get update -qq && apt-get install -qq -y ca-certificates >/dev/null`;

/** Daemons that were there before us. */
const STAYS = ['ssh.service', 'systemd-journald.service'];

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
