import { expect, it } from 'vitest';
import type { FakeUpcloud } from '../../fakes/upcloud/cloud.ts';
import { newUuid, PREFIX } from '../../fakes/upcloud/model.ts';
import { isFull, scaled } from '../../scaled.ts';
import { bench, request, SERVER } from './objects.ts';

/** Copies what is there until there are so many objects: seven servers to two groups and one network, all ours. */
function fill(cloud: FakeUpcloud, count: number): void {
  const { state } = cloud;
  const [server] = Object.values(state.servers);
  const [group] = Object.values(state.groups);
  const router = Object.values(state.routers).find(one => one.type === 'normal');
  if (server === undefined || group === undefined || router === undefined) throw new Error('there is nothing to copy');
  for (let at = 3; at < count; at += 1) {
    const kind = at % 10;
    const uuid = newUuid(state, kind < 7 ? PREFIX.server : kind < 9 ? PREFIX.group : PREFIX.router);
    if (kind < 7) state.servers[uuid] = { ...server, uuid };
    else if (kind < 9) state.groups[uuid] = { ...group, uuid, servers: [] };
    else state.routers[uuid] = { ...router, uuid };
  }
}

/** Requests to see everything: one for each list, whatever is in it. Pages have only load balancers. */
const LISTS = 7;

it.each(isFull() ? [10, 1_000, 10_000] : [10, 300])(
  'sees %i objects in as many requests as there are lists',
  async count => {
    const { connection, ctx, create, cloud } = await bench({ limits: {} }, false);
    const network = await create('network', 'n', { ipRange: '10.1.0.0/16' });
    const subnet = await create('subnet', 's', { network: network.id, ipRange: '10.1.1.0/24' });
    await create('placement-group', 'g', {});
    await create('server', 'a', { ...SERVER, firewalls: [], subnet: subnet.id });
    fill(cloud, count - 1);
    const before = cloud.ledger().length;
    const objects = await connection.list(ctx, 'shop@prod');
    expect(objects).toHaveLength(count);
    expect(cloud.ledger().length - before).toBe(LISTS);
  },
);

it('pays one request more for each volume, and for each server with firewalls', async () => {
  const { connection, ctx, create, cloud } = await bench();
  for (const name of ['a', 'b', 'c'])
    await create('server', name, { ...SERVER, firewalls: name === 'c' ? [] : (SERVER['firewalls'] ?? []) });
  for (const name of ['v', 'w']) await create('volume', name, { sizeGib: 10 });
  const before = cloud.ledger().length;
  expect(await connection.list(ctx, 'shop@prod')).toHaveLength(5);
  expect(cloud.ledger().length - before).toBe(LISTS + 2 + 2);
});

it('follows a hundred servers with one request for all that are still on their way', async () => {
  const { connection, ctx, cloud, world } = await bench({ limits: {}, actionMs: 30_000 }, false);
  const tokens = [];
  for (let at = 0; at < scaled(20, 100); at += 1) {
    const spec = { ...SERVER, firewalls: [] };
    const outcome = await connection.create(ctx, request('server', `s-${at}`, spec));
    if (outcome.status === 'pending') tokens.push(outcome.token);
  }
  const before = cloud.ledger().length;
  expect((await connection.poll(ctx, tokens)).every(result => 'status' in result && result.status === 'pending')).toBe(
    true,
  );
  expect(cloud.ledger().length - before).toBe(1);
  await world.clock.sleep(30_000);
  const results = await connection.poll(ctx, tokens);
  expect(results.every(result => 'status' in result && result.status === 'done')).toBe(true);
});
