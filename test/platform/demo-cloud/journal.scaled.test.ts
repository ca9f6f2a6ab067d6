import { describe, expect, it } from 'vitest';
import type { CloudCore } from '../../../platform/demo-cloud/cloud.ts';
import { FAULTS, type FaultName } from '../../../platform/demo-cloud/faults.ts';
import type { CloudRequest, JournalLine } from '../../../platform/demo-cloud/model.ts';
import { seeded } from '../../../platform/demo-cloud/random.ts';
import { isFull } from '../../scaled.ts';
import { START_MS, talk } from './client.ts';

/** A request that makes, changes, deletes or looks at something, chosen by chance. */
function randomRequest(random: () => number, at: number): CloudRequest {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const id = (prefix: string) => `${prefix}-${1 + Math.floor(random() * at)}`;
  const profile = pick(['hetzner', 'ec2', 'upcloud']);
  const headers = { 'x-demo-profile': profile, 'idempotency-key': `token-${Math.floor(random() * 40)}` };
  const name = `n${Math.floor(random() * 60)}`;
  const [method, path, body] = pick([
    ['POST', '/v1/servers', { name, size: 'small', image: 'debian-12', labels: { a: name } }],
    ['POST', '/v1/volumes', { name, size_gib: 10, server: id('srv') }],
    ['POST', '/v1/networks', { name, ip_range: '10.0.0.0/8' }],
    ['POST', '/v1/taskservs', { name, type: 'nginx', server: id('srv'), parameters: { x: [1] } }],
    ['PATCH', `/v1/servers/${id('srv')}`, { labels: { b: name } }],
    ['POST', `/v1/servers/${id('srv')}/actions/resize`, { size: pick(['small', 'large']) }],
    ['POST', `/v1/volumes/${id('vol')}/actions/resize`, { size_gib: 20 }],
    ['DELETE', `/v1/servers/${id('srv')}`, undefined],
    ['DELETE', `/v1/volumes/${id('vol')}?detach=true`, undefined],
    ['GET', '/v1/objects', undefined],
    ['PATCH', '/admin/settings', { stock: { large: Math.floor(random() * 9) } }],
    ['POST', '/admin/faults', { fault: pick(Object.keys(FAULTS) as FaultName[]), times: 2 }],
  ] as const);
  return { method, path, headers, body: body === undefined ? '' : JSON.stringify(body) };
}

const LOOKS = [
  '/v1/objects',
  '/v1/catalogue',
  '/v1/actions?ids=act-1,act-2,act-3,act-9',
  '/admin/faults',
  '/admin/settings',
  '/admin/ledger',
];

function lookAt(core: CloudCore, nowMs: number): readonly string[] {
  return LOOKS.map(path => core.handle({ method: 'GET', path, headers: {}, body: '' }, nowMs).body);
}

describe('a cloud that is made from its ledger', () => {
  it.each(isFull() ? [1, 2, 3, 4, 5, 6] : [1])('goes on like the one that wrote it (seed %i)', seed => {
    const lines: JournalLine[] = [];
    const settings = { actionMs: 700, readLagMs: 300, pageSize: 1_000 };
    const { core } = talk({ settings, record: line => lines.push(JSON.parse(JSON.stringify(line))) });
    const random = seeded(seed);
    let nowMs = START_MS;
    for (let at = 0; at < 250; at += 1) {
      core.handle(randomRequest(random, at), nowMs);
      nowMs += Math.floor(random() * 120);
    }
    const again = talk({ settings, journal: lines }).core;
    expect(again.ledger()).toEqual(core.ledger());
    expect(again.objects()).toEqual(core.objects());
    expect(core.objects().length).toBeGreaterThan(20);
    expect(new Set(core.ledger().map(entry => entry.fault?.name)).size).toBeGreaterThan(5);
    for (let at = 0; at < 100; at += 1) {
      const request = randomRequest(random, 250 + at);
      expect(again.handle(request, nowMs)).toEqual(core.handle(request, nowMs));
      nowMs += Math.floor(random() * 300);
    }
    expect(lookAt(again, nowMs)).toEqual(lookAt(core, nowMs));
  });

  it('takes its token and the first faults from the options, never from the ledger', () => {
    const lines: JournalLine[] = [];
    const options = {
      settings: { token: 'old-token' },
      faults: [{ fault: 'quota' as const }],
      record: (line: JournalLine) => void lines.push(line),
    };
    const first = talk(options);
    const headers = { authorization: 'Bearer old-token' };
    expect(first.send('POST', '/v1/firewalls', { name: 'f', rules: [] }, headers).status).toBe(403);
    first.send('PATCH', '/admin/settings', { pageSize: 7 }, headers);
    expect(JSON.stringify(lines)).not.toContain('old-token');
    const second = talk({ ...options, settings: { token: 'new-token', pageSize: 9 }, journal: lines });
    expect(second.send('GET', '/admin/settings', undefined, headers).status).toBe(401);
    const told = second.send('GET', '/admin/settings', undefined, { authorization: 'Bearer new-token' });
    expect(told.body['settings']).toMatchObject({ pageSize: 7 });
    expect(second.core.faults()).toMatchObject([{ fault: 'quota', fired: 1 }]);
  });

  it('answers nothing when a line cannot be kept', () => {
    const full = talk({
      record: () => {
        throw new Error('no space left');
      },
    });
    expect(() => full.send('GET', '/v1/account')).toThrow('no space left');
  });
});
