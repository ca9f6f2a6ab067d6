import { expect, test } from 'vitest';
import { difference } from '../../../taskservs/host/difference.ts';
import { emptyHost } from '../../../taskservs/host/facts.ts';
import { KEEP_TITLE } from '../../../taskservs/host/guard.ts';
import { runOf } from '../../../taskservs/host/mark.ts';
import { sceneOf, type ServiceSpec, wishOf } from '../../../taskservs/host/parameters.ts';
import { TASKSERVS } from '../../../taskservs/index.ts';

const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;
const owner = { workspace: 'shop', lineage: '0123456789ab', address: 'taskserv.x/web-1', opId: 'op1' };

/** The acts of the first run of a service on an empty host. */
function actsOf(name: string, spec: ServiceSpec) {
  const service = TASKSERVS[name];
  const wish = service === undefined ? null : wishOf(service, { spec }, place);
  if (service === undefined || wish === null) throw new Error(`there is no such ${name}`);
  const scene = sceneOf(service, wish, emptyHost('bookworm'));
  return runOf(scene, difference(scene), { owner, protect: false, spec, version: null, endpoint: null });
}

test('a risky run is ready to go back before it changes more than packages, and its marker waits for a new session', () => {
  const acts = actsOf('os', {});
  const titles = acts.map(({ title }) => title);
  const at = titles.indexOf('be ready to go back');
  expect(titles.slice(0, at).at(-1)).toMatch(/^install /);
  expect(
    acts
      .slice(0, at)
      .filter(act => act.do === 'put')
      .map(act => act.title),
  ).toEqual(['write down what was here']);
  expect(titles.slice(-3)).toEqual([KEEP_TITLE, 'write down what is here', 'close the journal']);
});

test('what a risky run may change is kept: files with what was kept of them, daemons, settings of the kernel', () => {
  const armed = actsOf('os', { kernel: { 'net.ipv4.ip_forward': '1' } }).find(
    ({ title }) => title === 'be ready to go back',
  );
  const words = armed?.do === 'run' ? armed.argv : [];
  expect(words).toContain('/run/provisioning/provisioning-run-os-op1');
  const [paths, daemons, kernel] = words.slice(7).join('\n').split('\n--\n');
  expect(paths).toContain('/etc/ssh/sshd_config.d/10-provisioning.conf\n/var/lib/provisioning/kept/os-');
  expect(daemons).toBe('ssh.service\nsystemd-journald.service');
  expect(kernel?.split('\n')).toContain('net.ipv4.ip_forward');
});

test('a run that cannot cut the host off is not guarded', () => {
  expect(actsOf('nginx', {}).map(({ title }) => title)).not.toContain(KEEP_TITLE);
});
