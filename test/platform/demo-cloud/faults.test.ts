import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName, type FaultRuleInput } from '../../../platform/demo-cloud/faults.ts';
import type { Operation } from '../../../platform/demo-cloud/model.ts';
import { type Talk, talk } from './client.ts';

/** One request of each operation, on a world where it would succeed: method, path and body. `ID` is the id of a server. */
const REQUESTS: { readonly [operation in Operation]?: readonly [string, string, string] } = {
  create: ['POST', '/v1/servers', '{"name":"new","size":"small","image":"debian-12","firewalls":["fw-1"]}'],
  read: ['GET', '/v1/servers/ID', ''],
  list: ['GET', '/v1/objects', ''],
  update: ['PATCH', '/v1/servers/ID', '{"firewalls":["fw-1"]}'],
  action: ['POST', '/v1/servers/ID/actions/resize', '{"size":"large"}'],
  delete: ['DELETE', '/v1/servers/ID', ''],
  poll: ['GET', '/v1/actions?ids=act-1,act-2', ''],
  catalogue: ['GET', '/v1/catalogue', ''],
  account: ['GET', '/v1/account', ''],
};

function ready(): { t: Talk; id: string } {
  const t = talk({ settings: { actionMs: 0 } });
  t.send('POST', '/v1/firewalls', { name: 'fw', rules: [] });
  t.core.configure({ actionMs: 10 });
  t.at(0);
  const id = t.server('web');
  t.at(1_000);
  t.send('GET', '/v1/account');
  return { t, id };
}

const cases = (Object.keys(FAULTS) as FaultName[]).flatMap(fault =>
  (FAULTS[fault].on as readonly Operation[]).map(operation => ({ fault, operation })),
);

describe('every fault on every operation it is for', () => {
  it.each(cases)('$fault on $operation fires once and is counted', ({ fault, operation }) => {
    const { t, id } = ready();
    t.core.arm({ fault, match: { operation } });
    const [method = '', path = '', body = ''] = REQUESTS[operation] ?? [];
    const ask = (): unknown => t.core.handle({ method, path: path.replace('ID', id), headers: {}, body }, 1_000);
    const before = t.core.ledger().length;
    ask();
    const entry = t.core.ledger()[before];
    expect(entry).toMatchObject({ operation, fault: { name: fault } });
    expect(t.core.faults()[0]).toMatchObject({ seen: 1, fired: 1 });
    ask();
    expect(t.core.ledger()[before + 1]?.fault).toBeNull();
    if (FAULTS[fault].phase === 'before') expect(entry?.effect).toBe('none');
  });
});

describe('a rule', () => {
  const fired = (rule: FaultRuleInput, count: number): readonly number[] => {
    const t = talk({ faults: [rule] });
    return Array.from({ length: count }, () => t.send('GET', '/v1/account').status);
  };

  it('fires from the nth match on, as often as it says', () => {
    expect(fired({ fault: 'error-500-before', match: { nth: 3 }, times: 2 }, 6)).toEqual([
      200, 200, 500, 500, 200, 200,
    ]);
  });

  it('fires for ever when it says so', () => {
    expect(fired({ fault: 'error-500-before', times: null }, 4)).toEqual([500, 500, 500, 500]);
  });

  it('fires by chance, the same for the same seed', () => {
    const rule: FaultRuleInput = { fault: 'error-500-before', match: { probability: 0.3 }, times: null };
    const statuses = fired(rule, 200);
    expect(statuses).toEqual(fired(rule, 200));
    expect(statuses.filter(status => status === 500).length).toBeGreaterThan(30);
    expect(statuses.filter(status => status === 500).length).toBeLessThan(90);
  });

  it('matches method and kind', () => {
    const t = talk({ faults: [{ fault: 'conflict', match: { method: 'POST', kind: 'network' }, times: null }] });
    expect(t.send('POST', '/v1/networks', { name: 'n', ip_range: '10.0.0.0/16' }).status).toBe(409);
    expect(t.send('POST', '/v1/firewalls', { name: 'f', rules: [] }).status).toBe(201);
  });

  it('does not count when there was nothing to spoil', () => {
    const t = talk({ faults: [{ fault: 'page-gap' }] });
    expect(t.send('GET', '/v1/objects').body['objects']).toEqual([]);
    expect(t.core.faults()[0]?.fired).toBe(0);
    t.server('web');
    expect(t.send('GET', '/v1/objects').body['objects']).toEqual([]);
    expect(t.core.faults()[0]?.fired).toBe(1);
  });

  it('is armed, shown and disarmed over HTTP', () => {
    const t = talk();
    expect(
      t.send('POST', '/admin/faults', { faults: [{ fault: 'quota' }, { fault: 'capacity', times: null }] }).body,
    ).toEqual({ ids: ['fault-1', 'fault-2'] });
    expect(t.send('POST', '/admin/faults', { fault: 'gremlin' }).status).toBe(422);
    t.send('DELETE', '/admin/faults/fault-1');
    expect(t.send('GET', '/admin/faults').body['faults']).toMatchObject([{ id: 'fault-2', fired: 0 }]);
    t.send('DELETE', '/admin/faults');
    expect(t.core.faults()).toEqual([]);
  });
});
