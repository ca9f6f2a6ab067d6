import { describe, expect, it } from 'vitest';
import { START_MS, talk } from './client.ts';

const SERVER = { size: 'small', image: 'debian-12' };

describe('profiles', () => {
  it('hetzner refuses a second object of one name and kind', () => {
    const { send, server } = talk({ settings: { profile: 'hetzner' } });
    const id = server('web');
    expect(send('POST', '/v1/servers', { name: 'web', ...SERVER })).toMatchObject({
      status: 409,
      body: { error: { code: 'uniqueness_error', id } },
    });
    expect(send('POST', '/v1/networks', { name: 'web', ip_range: '10.0.0.0/16' }).status).toBe(201);
  });

  it('ec2 answers a repeated token with the object it made', () => {
    const { core, send, server } = talk({ settings: { profile: 'ec2' } });
    const token = { 'idempotency-key': 'token-1' };
    const id = server('web', {}, token);
    expect(server('web', {}, token)).toBe(id);
    expect(send('POST', '/v1/servers', { name: 'web', ...SERVER, size: 'large' }, token)).toMatchObject({
      status: 400,
      body: { error: { code: 'idempotent_parameter_mismatch' } },
    });
    expect(core.objects()).toHaveLength(1);
    send('DELETE', `/v1/servers/${id}`);
    expect(send('POST', '/v1/servers', { name: 'web', ...SERVER }, token).body['error']?.['code']).toBe('token_spent');
  });

  it('upcloud makes another one each time', () => {
    const { core, server } = talk({ settings: { profile: 'upcloud' } });
    const token = { 'idempotency-key': 'token-1' };
    expect(server('web', {}, token)).not.toBe(server('web', {}, token));
    expect(core.objects()).toHaveLength(2);
  });

  it('a request can choose the profile for itself', () => {
    const { server } = talk({ settings: { profile: 'hetzner' } });
    const upcloud = { 'x-demo-profile': 'upcloud' };
    expect(server('web', {}, upcloud)).not.toBe(server('web', {}, upcloud));
  });
});

describe('read lag', () => {
  it('shows a new object and hides a deleted one only after it', () => {
    const { at, send, server } = talk({ settings: { profile: 'ec2', readLagMs: 5_000 } });
    const id = server('web');
    const seen = () => [send('GET', `/v1/servers/${id}`).status, send('GET', '/v1/objects').body['meta']?.['total']];
    expect(seen()).toEqual([404, 0]);
    at(START_MS + 4_999);
    expect(seen()).toEqual([404, 0]);
    at(START_MS + 5_000);
    expect(seen()).toEqual([200, 1]);
    send('DELETE', `/v1/servers/${id}`);
    expect(seen()).toEqual([200, 1]);
    at(START_MS + 9_999);
    expect(seen()).toEqual([200, 1]);
    at(START_MS + 10_000);
    expect(seen()).toEqual([404, 0]);
  });

  it('does not concern writes', () => {
    const { send, server } = talk({ settings: { profile: 'ec2' } });
    const id = server('web');
    expect(send('PATCH', `/v1/servers/${id}`, { labels: { a: '1' } }).status).toBe(200);
    expect(send('DELETE', `/v1/servers/${id}`).status).toBe(200);
    expect(send('DELETE', `/v1/servers/${id}`).status).toBe(404);
  });
});

describe('what is refused', () => {
  const bad: readonly (readonly [string, string, object, number, string])[] = [
    ['an unknown size', '/v1/servers', { name: 'a', size: 'tiny', image: 'debian-12' }, 422, 'invalid_input'],
    ['an unknown image', '/v1/servers', { name: 'a', size: 'small', image: 'beos' }, 422, 'invalid_input'],
    ['an unknown zone', '/v1/volumes', { name: 'a', size_gib: 1, zone: 'mars-1' }, 422, 'invalid_input'],
    ['an unknown field', '/v1/servers', { name: 'a', ...SERVER, colour: 'red' }, 422, 'invalid_input'],
    ['a missing name', '/v1/servers', { ...SERVER }, 422, 'invalid_input'],
    [
      'an id that refers to nothing',
      '/v1/servers',
      { name: 'a', ...SERVER, subnet: 'sub-9' },
      422,
      'reference_not_found',
    ],
    [
      'a range outside its network',
      '/v1/subnets',
      { name: 'a', network: 'net-1', ip_range: '10.9.0.0/24' },
      422,
      'invalid_input',
    ],
    [
      'a range that is taken',
      '/v1/subnets',
      { name: 'a', network: 'net-1', ip_range: '10.0.0.0/20' },
      409,
      'range_overlaps',
    ],
    [
      'an id of another kind',
      '/v1/subnets',
      { name: 'a', network: 'sub-2', ip_range: '10.0.0.0/24' },
      422,
      'reference_not_found',
    ],
    ['a path that does not exist', '/v1/spaceships', { name: 'a' }, 404, 'no_such_call'],
  ];
  it.each(bad)('%s', (_name, path, body, status, code) => {
    const { core, send } = talk();
    send('POST', '/v1/networks', { name: 'net', ip_range: '10.0.0.0/16' });
    send('POST', '/v1/subnets', { name: 'sub', network: 'net-1', ip_range: '10.0.0.0/24' });
    expect(send('POST', path, body)).toMatchObject({ status, body: { error: { code } } });
    expect(core.objects()).toHaveLength(2);
    expect(core.ledger().at(-1)).toMatchObject({ effect: 'none', status });
  });

  it('a body that is no JSON object', () => {
    const { core } = talk();
    for (const body of ['{', '[]', '"x"']) {
      expect(core.handle({ method: 'POST', path: '/v1/servers', headers: {}, body }, START_MS).status).toBe(400);
    }
  });

  it('requests without the token', () => {
    const { send } = talk({ settings: { token: 'secret' } });
    expect(send('GET', '/v1/objects').status).toBe(401);
    expect(send('GET', '/admin/objects', undefined, { authorization: 'Bearer wrong' }).status).toBe(401);
    expect(send('GET', '/v1/objects', undefined, { authorization: 'Bearer secret' }).status).toBe(200);
  });

  it('more than the quota, or than is in stock', () => {
    const { send, server } = talk({ settings: { quotas: { server: 2 }, stock: { large: 1 } } });
    const stock = () => {
      const sizes = send('GET', '/v1/catalogue').body['sizes'] as unknown as { name: string; stock: number | null }[];
      return sizes.find(size => size.name === 'large')?.stock;
    };
    const id = server('a', { size: 'large' });
    expect(stock()).toBe(0);
    expect(send('POST', '/v1/servers', { name: 'b', ...SERVER, size: 'large' }).body['error']?.['code']).toBe(
      'out_of_stock',
    );
    const small = server('b');
    expect(send('POST', `/v1/servers/${small}/actions/resize`, { size: 'large' }).body['error']?.['code']).toBe(
      'out_of_stock',
    );
    expect(send('POST', '/v1/servers', { name: 'c', ...SERVER })).toMatchObject({
      status: 403,
      body: { error: { code: 'quota_exceeded', limit: 2, used: 2 } },
    });
    send('DELETE', `/v1/servers/${id}`);
    expect(stock()).toBe(1);
    expect(send('POST', `/v1/servers/${small}/actions/resize`, { size: 'large' }).status).toBe(200);
    expect(stock()).toBe(0);
  });

  it('more requests than the bucket holds', () => {
    const { at, send } = talk({ settings: { rateLimit: { perSecond: 1, burst: 2 } } });
    const statuses = () => [1, 2, 3].map(() => send('GET', '/v1/account').status);
    expect(statuses()).toEqual([200, 200, 429]);
    at(START_MS + 1_000);
    expect(statuses()).toEqual([200, 429, 429]);
    expect(send('GET', '/v1/account').reply.headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(START_MS / 1_000 + 2),
    });
  });
});

describe('deleting', () => {
  it('what holds something else waits, what is attached must be let go, what lives on it goes with it', () => {
    const { core, send, server } = talk();
    send('POST', '/v1/firewalls', { name: 'fw', rules: [] });
    const id = server('web', { firewalls: ['fw-1'] });
    send('POST', '/v1/volumes', { name: 'data', size_gib: 10, server: id });
    send('POST', '/v1/taskservs', { name: 'db', type: 'postgres', server: id });
    expect(send('DELETE', '/v1/firewalls/fw-1').body['error']).toMatchObject({ code: 'resource_in_use', by: id });
    expect(send('DELETE', '/v1/volumes/vol-3').body['error']?.['code']).toBe('resource_in_use');
    send('DELETE', `/v1/servers/${id}`);
    expect(core.ledger().at(-1)?.effect).toBe(`deleted ${id}, deleted tsk-4`);
    expect(send('GET', '/v1/volumes/vol-3').body['object']?.['fields']?.['server']).toBeNull();
    expect(send('DELETE', '/v1/volumes/vol-3').status).toBe(200);
    expect(send('DELETE', '/v1/firewalls/fw-1').status).toBe(200);
    expect(core.objects()).toEqual([]);
  });

  it('can let go at once, but not of what is protected', () => {
    const { core, send, server } = talk();
    const id = server('web');
    send('POST', '/v1/volumes', { name: 'data', size_gib: 10, server: id, protection: true });
    expect(send('DELETE', '/v1/volumes/vol-2?detach=true').body['error']?.['code']).toBe('protected');
    expect(core.objects().at(-1)?.fields['server']).toBe(id);
    send('PATCH', '/v1/volumes/vol-2', { protection: false });
    expect(send('DELETE', '/v1/volumes/vol-2?detach=true').status).toBe(200);
  });

  it('obeys a condition on labels', () => {
    const { core, send, server } = talk();
    const id = server('web', { labels: { owner: 'ann' } });
    expect(send('DELETE', `/v1/servers/${id}?if_label=owner%3Dbob`)).toMatchObject({
      status: 412,
      body: { error: { code: 'label_mismatch' } },
    });
    expect(core.objects()).toHaveLength(1);
    expect(send('DELETE', `/v1/servers/${id}?if_label=owner%3Dann`).status).toBe(200);
  });
});

describe('actions', () => {
  it('end when their time has come, not before', () => {
    const { at, core, send, server } = talk({ settings: { actionMs: 1_000 } });
    const id = server('web');
    const look = () =>
      send('GET', '/v1/actions?ids=act-1').body['actions'] as unknown as {
        status: string;
        object: { state: string };
      }[];
    expect(look()).toMatchObject([{ status: 'running', object: { state: 'creating' } }]);
    expect(send('POST', `/v1/servers/${id}/actions/resize`, { size: 'large' }).status).toBe(423);
    at(START_MS + 999);
    expect(look()).toMatchObject([{ status: 'running' }]);
    at(START_MS + 1_000);
    expect(look()).toMatchObject([{ status: 'success', object: { state: 'running' } }]);
    expect(core.ledger().filter(entry => entry.effect.includes('finished'))).toHaveLength(1);
  });

  it('are cancelled by a delete', () => {
    const { core, send, server } = talk({ faults: [{ fault: 'action-stuck', match: { operation: 'create' } }] });
    const id = server('web');
    expect(send('DELETE', `/v1/servers/${id}`).status).toBe(200);
    expect(core.objects()).toEqual([]);
    expect(send('GET', '/v1/actions?ids=act-1').body['actions']).toMatchObject([
      { status: 'error', error: { code: 'cancelled' } },
    ]);
  });
});

describe('listings', () => {
  it('filter by several labels, kind, name and ids, page by page', () => {
    const { send, server } = talk({ settings: { pageSize: 2 } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) server(name, { labels: { team: name < 'd' ? 'x' : 'y', all: '1' } });
    send('POST', '/v1/networks', { name: 'a', ip_range: '10.0.0.0/16', labels: { all: '1' } });
    const names = (query: string) =>
      (send('GET', `/v1/objects?${query}`).body['objects'] as unknown as { name: string; kind: string }[]).map(
        object => `${object.kind} ${object.name}`,
      );
    expect(names('label=all&label=team%3Dx')).toEqual(['server a', 'server b']);
    expect(names('label=all&label=team%3Dx&after=2')).toEqual(['server c']);
    expect(names('kind=network')).toEqual(['network a']);
    expect(names('name=a')).toEqual(['server a', 'network a']);
    expect(names('ids=srv-4,srv-1,srv-99')).toEqual(['server a', 'server d']);
    expect(send('GET', '/v1/objects?label=all').body['meta']).toMatchObject({ total: 6, next: '2' });
    expect(send('GET', '/v1/servers?after=4').body['meta']).toMatchObject({ total: 5, next: null });
  });

  it('follow labels, names and attachments that change', () => {
    const { send, server } = talk();
    const total = (query: string) => send('GET', `/v1/objects?${query}`).body['meta']?.['total'];
    const users = () => send('GET', '/v1/servers/srv-1').body['object']?.['used_by'];
    const id = server('a', { labels: { team: 'x' } });
    send('POST', '/v1/volumes', { name: 'v', size_gib: 1, server: id });
    expect([total('label=team%3Dx'), total('label=team'), total('kind=server&name=a'), users()]).toEqual([
      1,
      1,
      1,
      ['vol-2'],
    ]);
    send('PATCH', `/v1/servers/${id}`, { labels: { team: 'y' }, name: 'b' });
    send('PATCH', '/v1/volumes/vol-2', { server: null });
    expect([total('label=team%3Dx'), total('label=team'), total('kind=server&name=a'), users()]).toEqual([0, 1, 0, []]);
    expect([total('label=team%3Dy'), total('kind=server&name=b')]).toEqual([1, 1]);
    expect(server('a')).toBe('srv-3');
  });

  it('have another version as soon as another set matches', () => {
    const { send, server } = talk();
    const version = () => send('GET', '/v1/objects').body['meta']?.['version'];
    server('a');
    server('b');
    const before = version();
    expect(version()).toBe(before);
    send('DELETE', '/v1/servers/srv-1');
    server('c');
    expect(version()).not.toBe(before);
  });

  it('never show a secret field', () => {
    const { send, server } = talk();
    const id = server('web', { user_data: 'top secret' });
    expect(JSON.stringify(send('GET', `/v1/servers/${id}`).body)).not.toContain('top secret');
    expect(JSON.stringify(send('GET', '/admin/objects').body)).not.toContain('top secret');
  });
});

describe('administration', () => {
  it('changes the world behind the back of its owners', () => {
    const { core, send, server } = talk();
    const id = server('web', { labels: { a: '1', b: '2' } });
    send('PATCH', `/admin/objects/${id}`, { fields: { size: 'large' }, labels: { a: null, c: '3' }, state: 'failed' });
    expect(core.objects()[0]).toMatchObject({ state: 'failed', labels: { b: '2', c: '3' }, fields: { size: 'large' } });
    expect(
      send('POST', '/admin/objects', { kind: 'network', name: 'n', ip_range: '10.0.0.0/8', labels: {} }).body['object'],
    ).toMatchObject({ id: 'net-2' });
    send('DELETE', `/admin/objects/${id}`);
    expect(core.objects().map(object => object.id)).toEqual(['net-2']);
    expect(core.ledger().map(entry => [entry.operation, entry.effect])).toEqual([
      ['create', `created ${id}`],
      ['admin', `changed ${id}`],
      ['admin', 'created net-2'],
      ['admin', `deleted ${id}`],
    ]);
  });

  it('changes settings at run time', () => {
    const { send } = talk();
    send('PATCH', '/admin/settings', { latency: { writes: [200, 800] }, pageSize: 3 });
    expect(send('GET', '/admin/settings').body['settings']).toMatchObject({
      pageSize: 3,
      latency: { writes: [200, 800], reads: 0 },
    });
    const delays = Array.from(
      { length: 50 },
      (_, at) => send('POST', '/v1/ssh_keys', { name: `k${at}`, public_key: 'x' }).reply.delayMs,
    );
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...delays)).toBeLessThanOrEqual(800);
    expect(new Set(delays).size).toBeGreaterThan(20);
    expect(send('PATCH', '/admin/settings', { pageSize: 0 }).status).toBe(422);
  });
});

describe('the ledger', () => {
  it('says who asked for what, and what became of it', () => {
    const { core, send } = talk({ faults: [{ fault: 'answer-lost', match: { kind: 'server', operation: 'create' } }] });
    const labels = {
      'provisioning/workspace': 'shop',
      'provisioning/lineage': 'abc',
      'provisioning/operation': 'op-1',
      'provisioning/address': 'server.web',
    };
    const headers = { 'idempotency-key': 'op-1', 'x-provisioning-client': 'node-1', 'x-provisioning-epoch': '7' };
    expect(send('POST', '/v1/servers', { name: 'web', ...SERVER, labels }, headers).reply.wire).toBe('lost');
    expect(core.ledger()).toEqual([
      {
        seq: 1,
        at: START_MS,
        method: 'POST',
        path: '/v1/servers',
        operation: 'create',
        kind: 'server',
        id: 'srv-1',
        token: 'op-1',
        opId: 'op-1',
        workspace: 'shop',
        address: 'server.web',
        client: 'node-1',
        epoch: '7',
        bodyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        effect: 'created srv-1',
        status: 201,
        fault: { rule: 'fault-1', name: 'answer-lost' },
      },
    ]);
  });
});
