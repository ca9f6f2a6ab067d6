import { expect, test } from 'vitest';
import { makePlan } from '../../planner/plan.ts';
import { PROVIDERS } from '../../providers/index.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Spec } from '../../schemas/resource.ts';
import { inputOf } from './fixture.ts';

const CONFIG = { region: 'eu-central-1' };
const HTTPS = [{ protocol: 'https', listenPort: 443, targetPort: 443 }];

const REFUSED: readonly [driver: string, kind: KindName, spec: Spec, field: string, why: string][] = [
  ['local', 'server', { size: 'small', image: 'debian-12' }, 'subnet', 'name one in `subnet`'],
  [
    'local',
    'server',
    { size: 'small', image: 'debian-12', placementGroup: 'p' },
    'placementGroup',
    'no placement groups',
  ],
  ['local', 'server', { size: 'small', image: 'debian-12', userData: '#cloud-config' }, 'userData', 'a script'],
  ['hetzner', 'volume', { sizeGib: 5 }, 'sizeGib', 'at least 10 GB'],
  ['hetzner', 'volume', { sizeGib: 20, type: 'hdd' }, 'type', 'no volumes of the type hdd'],
  ['hetzner', 'load-balancer', { size: 'lb11', services: HTTPS }, 'services', 'needs a certificate'],
  ['upcloud', 'volume', { sizeGib: 10, format: 'ext4' }, 'format', 'leave `format` out'],
  ['upcloud', 'load-balancer', { size: 'development', algorithm: 'round-robin' }, 'algorithm', 'leave it out'],
  ['upcloud', 'load-balancer', { size: 'development', services: HTTPS }, 'services', 'needs a certificate'],
  ['aws', 'volume', { sizeGib: 10, format: 'ext4' }, 'format', 'leave format out'],
  ['aws', 'load-balancer', { size: 'application' }, 'size', 'two zones'],
  ['aws', 'load-balancer', { size: 'huge' }, 'size', 'the one size'],
  ['aws', 'load-balancer', { size: 'network', algorithm: 'round-robin' }, 'algorithm', 'leave algorithm out'],
  ['aws', 'load-balancer', { size: 'network' }, 'subnet', 'needs a subnet'],
];

function planned(driver: string, kind: KindName, spec: Spec, from?: Spec) {
  const things = from === undefined ? {} : { [`${kind}/one`]: { id: 'id-1', spec: from } };
  const input = inputOf({ desired: { [`${kind}/one`]: { spec } }, things });
  const capability = (_: string, name: KindName) => PROVIDERS[driver]?.capability(name, CONFIG);
  return makePlan({ ...input, capability });
}

test.each(REFUSED)('%s says with the plan what it cannot make: a %s with %j', (driver, kind, spec, field, why) => {
  const found = planned(driver, kind, spec).findings.filter(({ id }) => id === 'PR-REFUSED');
  expect(found).toMatchObject([{ level: 'error', address: `${kind}/one` }]);
  expect(found[0]?.what).toContain(why);
  expect(PROVIDERS[driver]?.capability(kind, CONFIG)?.refuses?.(spec)?.field).toBe(field);
});

test('a change into what cannot be made is refused, and its deletion is not', () => {
  const refused = planned('hetzner', 'volume', { sizeGib: 20, type: 'hdd' }, { sizeGib: 20, type: 'ssd' });
  expect(refused.findings.map(({ id }) => id)).toContain('PR-REFUSED');
  const input = inputOf({ desired: {}, things: { 'volume/one': { id: 'id-1', spec: { sizeGib: 5 } } } });
  const capability = (_: string, name: KindName) => PROVIDERS['hetzner']?.capability(name, CONFIG);
  expect(makePlan({ ...input, capability }).findings.map(({ id }) => id)).not.toContain('PR-REFUSED');
});
