import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { difference } from '../../../taskservs/host/difference.ts';
import type { HostAct } from '../../../taskservs/host/act.ts';
import type { Scene } from '../../../taskservs/host/draft.ts';
import { emptyHost, type HostFacts } from '../../../taskservs/host/facts.ts';
import { hostAfter } from '../../../taskservs/host/host-after.ts';
import { mirrored, mirroredUrl } from '../../../taskservs/host/mirrored.ts';
import { sceneOf, wishOf } from '../../../taskservs/host/parameters.ts';
import { TASKSERVS } from '../../../taskservs/index.ts';
import type { TaskService } from '../../../schemas/taskserv.ts';
import type { ServiceSpec } from '../../../taskservs/host/parameters.ts';

const MIRROR = 'https://mirror.example.com/artifacts';
const MIRRORED = mirrored(TASKSERVS, { url: `${MIRROR}/` });
const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;

/** A service on a host, with the parameters of its case. */
function sceneIn(service: TaskService, facts: HostFacts): Scene {
  const file = join(import.meta.dirname, '../cases', service.name, 'fresh.yaml');
  const { parameters } = parse(readFileSync(file, 'utf8')) as { parameters: ServiceSpec };
  const wish = wishOf(service, { spec: parameters }, place);
  if (wish === null) throw new Error(`the parameters of ${service.name} do not fit`);
  return sceneOf(service, wish, facts);
}

/** The acts of a service on an empty host. */
function actsOf(service: TaskService): readonly HostAct[] {
  return difference(sceneIn(service, emptyHost('bookworm')));
}

/** The host when the service is on it. */
function after(service: TaskService, facts: HostFacts): HostFacts {
  const owner = { workspace: 'shop', lineage: '0123456789ab', address: `taskserv.${service.name}/web-1`, opId: 'op1' };
  return hostAfter(sceneIn(service, facts), { owner, protect: false, spec: {}, version: null, endpoint: null });
}

describe.each(Object.keys(TASKSERVS))('%s', name => {
  const plain = actsOf(TASKSERVS[name] as TaskService);
  const through = actsOf(MIRRORED[name] as TaskService);

  it('fetches through the mirror what it fetches, with the same digests and keys', () => {
    const source = TASKSERVS[name]?.source;
    if (source === 'repository' || source === 'release') expect(JSON.stringify(through)).toContain(MIRROR);
    const back = JSON.stringify(through).replaceAll(`${MIRROR}/`, 'https://');
    expect(back).toBe(JSON.stringify(plain));
  });
});

describe('with the packages of Debian', () => {
  const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n';
  const debian = (suites: readonly ('release' | 'security')[]) =>
    mirrored(TASKSERVS, { url: MIRROR, debian: { suites: [...suites], key } });
  const puts = (name: string, services = debian(['release', 'security'])) =>
    actsOf(services[name] as TaskService).flatMap(act => (act.do === 'put' ? [[act.path, act.text] as const] : []));

  it('apt looks into a folder of ours alone, where mirror and repositories are', () => {
    const files = new Map(puts('grafana'));
    const path = '/etc/apt/provisioning.sources.d/debian.sources';
    expect(files.get(path)).toContain(`URIs: ${MIRROR}/deb.debian.org/debian\nSuites: bookworm\n`);
    expect(files.get(path)).toContain(
      `URIs: ${MIRROR}/security.debian.org/debian-security\nSuites: bookworm-security\nComponents: main\nSigned-By: /etc/apt/keyrings/provisioning-debian.asc\n`,
    );
    expect(files.get('/etc/apt/apt.conf.d/90provisioning-mirror')).toContain(
      'Dir::Etc::sourceparts "/etc/apt/provisioning.sources.d";',
    );
    expect([...files.keys()].filter(one => one.startsWith('/etc/apt/sources'))).toEqual([
      '/etc/apt/sources.list.d/grafana.sources',
    ]);
    const all = actsOf(debian(['release'])['grafana'] as TaskService).map(({ title }) => title);
    expect(all.indexOf('read the lists of packages')).toBeGreaterThan(
      all.findIndex(title => title.endsWith('/etc/apt/provisioning.sources.d/grafana.sources')),
    );
  });

  it('does nothing where a service installs nothing', () => {
    for (const name of Object.keys(TASKSERVS)) {
      const installs = actsOf(TASKSERVS[name] as TaskService).some(({ title }) => title.startsWith('install '));
      expect(
        puts(name).some(([path]) => path.startsWith('/etc/apt/apt.conf.d/')),
        name,
      ).toBe(installs);
    }
  });

  it('is let go of by one service after the other when the mirror is no longer said', () => {
    const { redis, nginx } = debian(['release']);
    const both = after(nginx as TaskService, after(redis as TaskService, emptyHost('bookworm')));
    const acts = difference(sceneIn(TASKSERVS['redis'] as TaskService, both));
    expect(acts.map(({ title }) => title)).toContain(
      'remove /etc/apt/apt.conf.d/90provisioning-mirror unless another service wants it',
    );
  });
});

it('leaves alone what names the mirror already', () => {
  expect(mirroredUrl(MIRROR, 'https://example.com/a')).toBe(`${MIRROR}/example.com/a`);
  expect(mirroredUrl(MIRROR, `${MIRROR}/example.com/a`)).toBe(`${MIRROR}/example.com/a`);
});
