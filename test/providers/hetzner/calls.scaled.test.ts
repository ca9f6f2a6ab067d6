import { expect, it } from 'vitest';
import { scaled } from '../../scaled.ts';
import { expectPages } from './calls.ts';
import { bench, request, SERVER } from './objects.ts';

it.each([10, 1_000])('sees %i objects in as many requests as they have pages', expectPages);

it('follows a hundred servers with one request for 25 of their actions', async () => {
  const { connection, ctx, cloud, world } = await bench({ actionMs: 30_000 });
  const servers = scaled(25, 100);
  const tokens = [];
  for (let at = 0; at < servers; at += 1) {
    const outcome = await connection.create(ctx, request('server', `s-${at}`, SERVER));
    if (outcome.status === 'pending') tokens.push(outcome.token);
  }
  const before = cloud.ledger().length;
  const results = await connection.poll(ctx, tokens);
  expect(results.every(result => 'status' in result && result.status === 'pending')).toBe(true);
  // Each creation has two actions: to make it, and to start it.
  expect(cloud.ledger().length - before).toBe((2 * servers) / 25);
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
