import { expect, test } from 'vitest';
import { doubles, judge, isClean } from '../../scripts/crash/oracle.ts';
import { shapeOf } from '../../scripts/crash/shape.ts';
import { administer, openSite, type Site } from '../../scripts/crash/site.ts';
import { having, labelled, same, server, type Thing } from '../../scripts/crash/thing.ts';
import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import type { JsonObject } from '../../schemas/json.ts';

const NET: Thing = { kind: 'network', name: 'main', says: {}, holds: { ip_range: '10.0.0.0/16' } };
const SUB: Thing = { kind: 'subnet', name: 'in', says: {}, holds: { network: '@network/main' } };
const WEB = labelled(
  having(server('web'), {}, { subnet: '@subnet/in' }),
  { near: 'x' },
  { near: '@server/web:private_ip' },
);
const WANTED = [NET, SUB, WEB];

const OBJECTS: readonly JsonObject[] = [
  { kind: 'network', name: 'n', ip_range: '10.0.0.0/16', labels: { 'provisioning/address': 'network.main' } },
  {
    kind: 'subnet',
    name: 's',
    network: 'net-1',
    ip_range: '10.0.1.0/24',
    labels: { 'provisioning/address': 'subnet.in' },
  },
  {
    kind: 'server',
    name: 'w',
    size: 'small',
    image: 'debian-12',
    subnet: 'sub-2',
    labels: { 'provisioning/address': 'server.web', near: '10.0.1.13' },
  },
];

async function world(change: (site: Site) => void): Promise<ReturnType<typeof judge>> {
  const site = await openSite(shapeOf({ name: 'oracle', phases: [{ things: WANTED }] }), { profile: 'upcloud' });
  try {
    for (const object of OBJECTS) administer(site, 'POST', 'objects', object);
    change(site);
    return judge(site, WANTED);
  } finally {
    await site.close();
  }
}

test('a world that holds exactly what was asked for is clean', async () => {
  const verdict = await world(() => {});
  expect(verdict).toEqual({ duplicates: [], orphans: [], lost: [], wrong: [] });
  expect(isClean(verdict)).toBe(true);
});

const BROKEN: readonly (readonly [string, (site: Site) => void, 'duplicates' | 'orphans' | 'lost' | 'wrong'])[] = [
  ['a second object of one address', site => administer(site, 'POST', 'objects', OBJECTS[2]), 'duplicates'],
  [
    'an object without our label',
    site => administer(site, 'POST', 'objects', { ...OBJECTS[2], labels: {} }),
    'orphans',
  ],
  [
    'an address nobody asked for',
    site => administer(site, 'PATCH', 'objects/srv-3', { labels: { 'provisioning/address': 'server.other' } }),
    'orphans',
  ],
  ['an object that is gone', site => administer(site, 'DELETE', 'objects/srv-3'), 'lost'],
  [
    'a field of another value',
    site => administer(site, 'PATCH', 'objects/srv-3', { fields: { size: 'large' } }),
    'wrong',
  ],
  [
    'a reference to another object',
    site => administer(site, 'PATCH', 'objects/srv-3', { fields: { subnet: null } }),
    'wrong',
  ],
  [
    'a label of another value',
    site => administer(site, 'PATCH', 'objects/srv-3', { labels: { near: '10.0.1.99' } }),
    'wrong',
  ],
  ['an object that is not ready', site => administer(site, 'PATCH', 'objects/srv-3', { state: 'failed' }), 'wrong'],
];

test.each(BROKEN)('the oracle sees %s', async (_what, change, where) => {
  const verdict = await world(change);
  expect(verdict[where]).not.toEqual([]);
  expect(isClean(verdict)).toBe(false);
});

test('a thing written once has the same fields in the files and in the cloud', () => {
  expect(same('placement-group', 'p', { strategy: 'spread' })).toMatchObject({
    says: { strategy: 'spread' },
    holds: { strategy: 'spread' },
  });
});

test('two objects of one address at one time are seen in the ledger, even when one is gone in the end', async () => {
  const verdict = await world(site => {
    const { core } = site.clouds[0] ?? {};
    const body = JSON.stringify({ ...OBJECTS[2], kind: undefined });
    core?.handle({ method: 'POST', path: '/v1/servers', headers: {}, body }, Date.now());
    core?.handle({ method: 'DELETE', path: '/admin/objects/srv-4', headers: {}, body: '' }, Date.now());
  });
  expect(verdict).toMatchObject({ duplicates: ['server.web was srv-3 and srv-4 at one time'], orphans: [], lost: [] });
});

test('a replacement may have two for a while, and no more', () => {
  const made = (id: string): LedgerEntry => ({ effect: `created ${id}`, address: 'server.web' }) as LedgerEntry;
  const replaced = new Set(['server.web']);
  expect(doubles([made('srv-1'), made('srv-2')], replaced)).toEqual([]);
  expect(doubles([made('srv-1'), made('srv-2'), made('srv-3')], replaced)).toHaveLength(1);
});
