import { expect, it } from 'vitest';
import { ownerLabels } from '../../../schemas/owner.ts';
import { ProviderFault, type UpdateRequest } from '../../../schemas/provider.ts';
import { bench, ownerOf, request, SERVER } from './objects.ts';
import { ZONE } from './upcloud-world.ts';
import { foreignObject } from './foreign.ts';

const WEB = [
  { protocol: 'tcp', listenPort: 443, targetPort: 8443 },
  { protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/up' },
];

it('keeps the services of a load balancer in the order of the file, and changes only what differs', async () => {
  const { connection, ctx, create, finish, cloud, state } = await bench();
  const a = await create('server', 'a', SERVER);
  const b = await create('server', 'b', SERVER);
  const before = { size: 'development', zone: ZONE, services: WEB, targets: [a.id] };
  const made = await create('load-balancer', 'lb', before);
  expect(made.spec).toMatchObject({ services: WEB, targets: [a.id] });
  const [first = WEB[0]] = WEB;
  const spec = { ...before, services: [{ ...first, targetPort: 9443 }, WEB[1]], targets: [b.id] } as typeof before;
  const change: UpdateRequest = {
    ...request('load-balancer', 'lb', spec),
    id: made.id,
    before,
    fields: ['services', 'targets'],
  };
  const seen = cloud.ledger().length;
  const changed = await finish(await connection.update(ctx, change));
  expect(changed?.spec).toMatchObject({ services: spec.services, targets: [b.id] });
  const writes = cloud
    .ledger()
    .slice(seen)
    .filter(entry => entry.method !== 'GET');
  expect(writes.map(entry => entry.path.replace(/.*\/load-balancer\/[^/]+/, '')).sort()).toEqual([
    '/backends',
    '/backends/listen-443-to-8443',
    '/backends/listen-80-to-8080/members',
    `/backends/listen-80-to-8080/members/server-${a.id}`,
    '/frontends',
    '/frontends/listen-443',
  ]);
  expect(state.balancers[made.id]?.state).toBe('running');
});

it('refuses https, for which there is no certificate', async () => {
  const { connection, ctx } = await bench();
  const services = [{ protocol: 'https', listenPort: 443, targetPort: 443 }];
  const call = connection.create(ctx, request('load-balancer', 'lb', { zone: ZONE, services }));
  await expect(call).rejects.toMatchObject({ error: { class: 'unsupported' } });
});

it('waits until a load balancer is gone, because its subnet is in use until then', async () => {
  const { connection, ctx, create, finish, cloud } = await bench();
  const network = await create('network', 'n', { ipRange: '10.1.0.0/16' });
  const subnet = await create('subnet', 's', { network: network.id, ipRange: '10.1.1.0/24' });
  const lb = await create('load-balancer', 'lb', { zone: ZONE, subnet: subnet.id, services: WEB });
  cloud.configure({ actionMs: 20_000 });
  const deleting = await connection.delete(ctx, { ...request('load-balancer', 'lb', {}), id: lb.id });
  expect(deleting.status).toBe('pending');
  const early = connection.delete(ctx, { ...request('subnet', 's', {}), id: subnet.id });
  await expect(early).rejects.toMatchObject({ error: { class: 'dependency' } });
  expect(await finish(deleting)).toBeNull();
  const late = await connection.delete(ctx, { ...request('subnet', 's', {}), id: subnet.id });
  expect(late).toEqual({ status: 'gone' });
});

async function manyBalancers() {
  const b = await bench({ limits: {} });
  const labels = ownerLabels(ownerOf('load-balancer', 'lb'));
  const wish = { kind: 'load-balancer', spec: { size: 'development' }, labels };
  for (let at = 0; at < 101; at += 1) foreignObject(b.cloud, b.world.clock.now(), { ...wish, name: `lb-${at}` });
  return b;
}

it('misses no load balancer when a page has a gap', async () => {
  const { connection, ctx, cloud } = await manyBalancers();
  const fired = cloud.arm({ fault: 'page-gap', asked: 'list', collection: 'load-balancer' });
  expect(await connection.list(ctx, 'shop@prod')).toHaveLength(101);
  expect(fired()).toBe(1);
});

it('has no listing when a page repeats a load balancer', async () => {
  const { connection, ctx, cloud } = await manyBalancers();
  const fired = cloud.arm({ fault: 'page-repeat', asked: 'list', collection: 'load-balancer' });
  await expect(connection.list(ctx, 'shop@prod')).rejects.toMatchObject({ error: { code: 'listing_incomplete' } });
  expect(fired()).toBe(1);
});

it('has no listing when a load balancer goes away between two pages', async () => {
  const { connection, ctx, state } = await manyBalancers();
  let pages = 0;
  const fetch: typeof ctx.fetch = async (input, init) => {
    const answer = await ctx.fetch(input, init);
    if (String(input).includes('/load-balancer')) pages += 1;
    if (pages === 1) delete state.balancers[Object.keys(state.balancers)[0] ?? ''];
    return answer;
  };
  const call = connection.list({ ...ctx, fetch }, 'shop@prod');
  await expect(call).rejects.toMatchObject({ error: { code: 'listing_incomplete' } });
});

it('leaves the labels alone that UpCloud itself puts on disks', async () => {
  const { connection, ctx, create, finish, state } = await bench();
  const made = await create('volume', 'v', { sizeGib: 20 });
  const system = { key: '_os_type', value: 'debian' };
  state.storages[made.id]?.labels.push(system);
  const spec = { sizeGib: 20, labels: { team: 'blue' } };
  const change = { ...request('volume', 'v', spec), id: made.id, before: { sizeGib: 20 }, fields: ['labels'] };
  expect((await finish(await connection.update(ctx, change)))?.spec['labels']).toEqual({ team: 'blue' });
  expect(state.storages[made.id]?.labels).toContainEqual(system);
});

it('shows for a lost floating address what it could be, and nothing else', async () => {
  const { connection, ctx, create, cloud, state, world } = await bench();
  const ours = await create('server', 'a', SERVER);
  const now = world.clock.now();
  const theirs = foreignObject(cloud, now, { kind: 'server', name: 'x', spec: { ...SERVER }, labels: {} });
  const free = foreignObject(cloud, now, { kind: 'floating-ip', name: '', spec: {}, labels: {} });
  foreignObject(cloud, now, { kind: 'floating-ip', name: '', spec: { zone: 'de-fra1' }, labels: {} });
  await create('floating-ip', 'other', { server: theirs });
  const wish = request('floating-ip', 'f', { server: ours.id });
  expect((await connection.find(ctx, wish)).map(object => object.id)).toEqual([free]);
  const fired = cloud.arm({ fault: 'answer-lost', asked: 'create' });
  await expect(connection.create(ctx, wish)).rejects.toMatchObject({ error: { class: 'unknown-outcome' } });
  expect(fired()).toBe(1);
  const [made] = Object.values(state.addresses).filter(address => address.floating && address.server === ours.id);
  expect(await connection.find(ctx, wish)).toMatchObject([{ id: made?.address, owner: null }]);
});

it('scans what anybody made, but not the disks that servers boot from', async () => {
  const { connection, ctx, create, cloud, world } = await bench();
  const server = await create('server', 'a', SERVER);
  const volume = foreignObject(cloud, world.clock.now(), {
    kind: 'volume',
    name: 'x',
    spec: { sizeGib: 10 },
    labels: {},
  });
  const found = await connection.scan(ctx);
  expect(found.map(object => object.id)).toEqual([server.id, volume]);
});

it('keeps a volume that shrinks from being touched', async () => {
  const { connection, ctx, create, state } = await bench();
  const made = await create('volume', 'v', { sizeGib: 20 });
  const change = {
    ...request('volume', 'v', { sizeGib: 10 }),
    id: made.id,
    before: { sizeGib: 20 },
    fields: ['sizeGib'],
  };
  await expect(connection.update(ctx, change)).rejects.toMatchObject({ error: { class: 'invalid-input' } });
  expect(state.storages[made.id]?.size).toBe(20);
});

it('tells codes of both error bodies apart from a proxy', async () => {
  const { connection, ctx } = await bench();
  const answer = (status: number, body: string) => () => Promise.resolve(new Response(body, { status }));
  const read = async (fetch: () => Promise<Response>): Promise<unknown> =>
    connection
      .read({ ...ctx, fetch }, { kind: 'server', id: '00000000-0000-4000-8000-000000000000' })
      .catch((error: unknown) => (error instanceof ProviderFault ? error.error.class : error));
  const problem = {
    type: 'https://developers.upcloud.com/1.3/errors#ERROR_RESOURCE_NOT_FOUND',
    title: 'x',
    status: 404,
  };
  expect(await read(answer(404, '{"error":{"error_code":"SERVER_NOT_FOUND","error_message":"x"}}'))).toBeNull();
  expect(await read(answer(404, JSON.stringify(problem)))).toBeNull();
  expect(await read(answer(404, '<html>'))).toBe('transient');
  expect(await read(answer(503, '{"error":{"error_code":"SERVER_NOT_FOUND","error_message":"x"}}'))).toBe('transient');
});
