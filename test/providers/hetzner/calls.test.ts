import { expect, it } from 'vitest';
import type { FakeHetzner } from '../../fakes/hetzner/cloud.ts';
import type { Collection, Kept } from '../../fakes/hetzner/model.ts';
import { bench, request, SERVER } from './objects.ts';

/** Shares of ten objects: seven servers to two volumes and one network. */
const SHARES: readonly (readonly [Collection, number])[] = [
  ['servers', 7],
  ['volumes', 2],
  ['networks', 1],
];

/** Copies what is there until there are so many objects of each collection. */
function fill({ state }: FakeHetzner, count: number): void {
  for (const [collection, share] of SHARES) {
    const objects = state[collection];
    const [model] = Object.values(objects) as [Kept];
    for (let at = Object.keys(objects).length; at < (count / 10) * share; at += 1) {
      state.serial += 1;
      const id = state.serial;
      objects[id] = { ...model, id, name: `${model.name}-${id}` };
    }
  }
}

const LISTS = 9;
const PAGE = 50;

/** Pages of all lists; networks are listed twice, because subnets stand in all of them, ours or not. */
function pagesFor(count: number): number {
  const more = (share: number): number => Math.ceil(((count / 10) * share) / PAGE) - 1;
  return LISTS + SHARES.reduce((sum, [collection, share]) => sum + more(share) * (collection === 'networks' ? 2 : 1), 0);
}

/** Requests an hour that a project has, less the share that is left to its other tools. */
const BUDGET = 3_600 * 0.9;
const LOOKS_AN_HOUR = 12;

it.each([10, 1_000, 10_000])('sees %i objects in as many requests as they have pages', async count => {
  const { connection, ctx, create, cloud } = await bench({ bucket: { limit: 3_600, perSecond: 1 } });
  await create('network', 'n', { ipRange: '10.1.0.0/16' });
  await create('server', 'a', SERVER);
  await create('volume', 'v', { sizeGib: 10, zone: 'fsn1' });
  fill(cloud, count);
  const before = cloud.ledger().length;
  expect(await connection.list(ctx, 'shop@prod')).toHaveLength(count);
  const calls = cloud.ledger().length - before;
  expect(calls).toBe(pagesFor(count));
  expect(calls * LOOKS_AN_HOUR).toBeLessThan(BUDGET);
});

it('follows a hundred servers with one request for 25 of their actions', async () => {
  const { connection, ctx, cloud, world } = await bench({ actionMs: 30_000 });
  const tokens = [];
  for (let at = 0; at < 100; at += 1) {
    const outcome = await connection.create(ctx, request('server', `s-${at}`, SERVER));
    if (outcome.status === 'pending') tokens.push(outcome.token);
  }
  const before = cloud.ledger().length;
  const results = await connection.poll(ctx, tokens);
  expect(results.every(result => 'status' in result && result.status === 'pending')).toBe(true);
  // Each creation has two actions: to make it, and to start it.
  expect(cloud.ledger().length - before).toBe(200 / 25);
  await world.clock.sleep(30_000);
  const ended = await connection.poll(ctx, tokens);
  expect(ended.every(result => 'status' in result && result.status === 'done')).toBe(true);
});

it('stops asking before the project is out of requests, and goes on when some came back', async () => {
  const { connection, ctx, cloud, world } = await bench({ bucket: { limit: 100, perSecond: 1 } });
  const looks = async (): Promise<number> => {
    let seen = 0;
    for (; seen < 100; seen += 1) {
      const error = await connection.list(ctx, 'shop@prod').then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error === null) continue;
      expect(error).toMatchObject({ error: { class: 'rate-limited', retryAfterMs: expect.any(Number) } });
      break;
    }
    return seen;
  };
  expect(await looks()).toBeGreaterThan(5);
  expect(cloud.ledger().filter(({ status }) => status === 429)).toEqual([]);
  await world.clock.sleep(60_000);
  expect(await looks()).toBeGreaterThan(2);
  expect(cloud.ledger().filter(({ status }) => status === 429)).toEqual([]);
});
