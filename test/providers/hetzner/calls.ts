import { expect } from 'vitest';
import type { FakeHetzner } from '../../fakes/hetzner/cloud.ts';
import type { Collection, Kept } from '../../fakes/hetzner/model.ts';
import { bench, SERVER } from './objects.ts';

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
  return (
    LISTS + SHARES.reduce((sum, [collection, share]) => sum + more(share) * (collection === 'networks' ? 2 : 1), 0)
  );
}

/** Requests an hour that a project has, less the share that is left to its other tools. */
const BUDGET = 3_600 * 0.9;
const LOOKS_AN_HOUR = 12;

/** Lists so many objects in no more requests than they have pages, and leaves enough for a look every five minutes. */
export async function expectPages(count: number): Promise<void> {
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
}
