import assert from 'node:assert/strict';
import type { TaskService } from '../../schemas/taskserv.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import type { Proof } from './proofs.ts';
import type { RealHost } from './real-host.ts';

/** Daemons that were there before us. */
const STAYS = ['ssh.service', 'systemd-journald.service'];

/** Containers inside the containers that are the hosts need their control groups writable, and packages their lists. */
export const PREPARE = String.raw`
for group in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,bind,rw "$group" 2>/dev/null || :; done
apt-get update -qq && apt-get install -qq -y ca-certificates >/dev/null`;

/** A service through its whole life on a host. Every step must hold before the next one. */
export async function prove(
  host: RealHost,
  { service: name, parameters, changed, use, versions }: Proof,
): Promise<void> {
  const service = TASKSERVS[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  if (versions !== undefined) await proveVersions(host, service, { parameters, versions });
  await host.apply(service, parameters);
  assert.deepEqual(await host.pending(service, parameters), [], `${name}: nothing to do after installing`);
  await host.apply(service, changed);
  assert.deepEqual(await host.pending(service, changed), [], `${name}: nothing to do after the change`);
  if (use !== undefined) assert.match(await host.ssh(['sh', '-c', use.script]), use.prints, `${name}: used`);
  const after = await host.remove(service, changed);
  assert.equal(after.markers[name], undefined, `${name}: forgotten`);
  const left = Object.entries(after.daemons).filter(([, { active }]) => active === 'active');
  const ours = left.filter(([daemon]) => !STAYS.includes(daemon));
  assert.deepEqual(ours, [], `${name}: nothing runs any more`);
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
    assert.equal(await host.ssh(['dpkg-query', '-W', '-f', '${Version}', versions]), version, service.name);
    assert.deepEqual(await host.pending(service, { ...parameters, version }), [], service.name);
  }
}
