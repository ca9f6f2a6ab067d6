import { expect, test } from 'vitest';
import { difference } from '../../../taskservs/host/difference.ts';
import { emptyHost, type HostFacts } from '../../../taskservs/host/facts.ts';
import type { Marker } from '../../../taskservs/host/marker.ts';
import { sceneOf, type ServiceSpec, wishOf } from '../../../taskservs/host/parameters.ts';
import { takenAway } from '../../../taskservs/host/removal.ts';
import { nginx } from '../../../taskservs/nginx/index.ts';

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

const PATH = '/srv/www/index.html';

/** Where the run that writes a page keeps what stood there before. */
function keeps(facts: Partial<HostFacts>): string | undefined {
  const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;
  const wish = wishOf(nginx, { spec: { text: 'new\n' } as ServiceSpec }, place);
  if (wish === null) throw new Error('the parameters do not fit');
  const there = { type: 'file', mode: 0o644, owner: 'root', group: 'root', sha256: 'other' } as const;
  const host = { ...emptyHost('bookworm'), paths: { [PATH]: there }, ...facts };
  const act = difference(sceneOf(nginx, wish, host)).find(one => one.do === 'put' && one.path === PATH);
  if (act?.do !== 'put') throw new Error('the page is not written');
  return act.keep;
}

test('what stood there before the service is kept for its removal', () => {
  expect(keeps({})).toMatch(/^\/var\/lib\/provisioning\/kept\/nginx-/);
});

test('what the service itself wrote is not kept, or it would come back on removal', () => {
  const whose = { workspace: 'shop', lineage: '0123456789ab', address: 'taskserv.nginx/web-1', opId: 'op1' };
  const given = {
    protect: false,
    spec: {},
    version: null,
    endpoint: null,
    tasks: {},
    daemons: {},
    data: [],
    brought: [],
  };
  const made = [{ is: 'file', key: PATH }];
  const marker: Marker = { format: 1, service: 'nginx', ...whose, ...given, made, files: {} };
  expect(keeps({ markers: { nginx: marker } })).toBeUndefined();
  // A run that did not finish wrote it, and says that nothing stood there before it.
  const journal = { format: 1, ...whose, brought: [`file ${PATH}`] } as const;
  expect(keeps({ journals: { nginx: { ...journal, brought: [...journal.brought] } } })).toBeUndefined();
});

test('a link that others had set comes back', () => {
  const whose = { workspace: 'shop', lineage: '0123456789ab', address: 'taskserv.os/web-1', opId: 'op1' };
  const given = {
    protect: false,
    spec: {},
    version: null,
    endpoint: null,
    files: {},
    tasks: {},
    daemons: {},
    data: [],
  };
  const made = [{ is: 'link', key: '/etc/localtime' }];
  const marker: Marker = { format: 1, service: 'os', ...whose, ...given, made, brought: [] };
  const [act] = takenAway({ service: 'os', marker, facts: { markers: { os: marker } } });
  expect(act?.do === 'run' ? act.argv.slice(-2) : act).toEqual([
    '/etc/localtime',
    expect.stringContaining('/kept/os-'),
  ]);
});
