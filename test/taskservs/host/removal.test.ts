import { expect, test } from 'vitest';
import type { Marker } from '../../../taskservs/host/marker.ts';
import { takenAway } from '../../../taskservs/host/removal.ts';

function titles(brought: readonly string[]): readonly string[] {
  const made = [
    { is: 'file', key: '/etc/ssh/sshd_config.d/10-provisioning.conf' },
    { is: 'daemon', key: 'ssh.service' },
  ];
  const whose = { workspace: 'shop', lineage: '0123456789ab', address: 'taskserv.os/web-1', opId: 'op1' };
  const given = { protect: false, spec: {}, version: null, endpoint: null };
  const seen = { files: {}, tasks: {}, daemons: {}, data: [] };
  const marker: Marker = { format: 1, service: 'os', ...whose, ...given, made, ...seen, brought: [...brought] };
  return takenAway({ service: 'os', marker, facts: { markers: { os: marker } } }).map(act => act.title);
}

test('a daemon that came with the service is stopped before its files go', () => {
  expect(titles(['daemon ssh.service'])).toEqual([
    'stop ssh.service',
    'remove /etc/ssh/sshd_config.d/10-provisioning.conf',
  ]);
});

test('a daemon that ran before the service goes on, with the files from before', () => {
  expect(titles([])).toEqual([
    'remove /etc/ssh/sshd_config.d/10-provisioning.conf',
    'restart ssh.service as it was before',
  ]);
});
