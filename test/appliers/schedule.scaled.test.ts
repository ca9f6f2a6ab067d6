import { describe, expect, it } from 'vitest';
import { openHeap } from '../../appliers/heap.ts';
import { openPace } from '../../appliers/pace.ts';
import { runPlan } from '../../appliers/run.ts';
import type { Change, Plan } from '../../schemas/plan.ts';
import { randomOf } from '../simulation/random.ts';
import { scaled } from '../scaled.ts';
import { change, openStage, planOf } from './stage.ts';

type Shape = (count: number) => Change[];

const key = (index: number, kind = 'server'): string => `create ${kind}/n${index}`;

const SHAPES: { readonly [name: string]: Shape } = {
  independent: count => Array.from({ length: count }, (_, index) => change(key(index))),
  /** Ten layers, each change needs three of the layer before. */
  layered: count =>
    Array.from({ length: count }, (_, index) => {
      const width = Math.ceil(count / 10);
      const layer = Math.floor(index / width);
      const needs = [0, 7, 13].map(step => key((layer - 1) * width + ((index + step) % width)));
      return change(key(index), { needs: layer === 0 ? [] : [...new Set(needs)].sort() });
    }),
  chain: count =>
    Array.from({ length: count }, (_, index) => change(key(index), { needs: index === 0 ? [] : [key(index - 1)] })),
};

/** No schedule is shorter than the longest chain, nor than all work spread evenly. */
function lowerBoundMs(plan: Plan, durationMs: (address: string) => number, parallel: number): number {
  const ends = new Map<string, number>();
  let sum = 0;
  for (const { key: name, address, needs } of plan.changes) {
    const startsAt = Math.max(0, ...needs.map(need => ends.get(need) ?? 0));
    sum += durationMs(address);
    ends.set(name, startsAt + durationMs(address));
  }
  return Math.max(sum / parallel, ...ends.values());
}

async function efficiency(
  changes: Change[],
  durationMs: (address: string) => number,
  parallel: number,
): Promise<number> {
  const stage = openStage({ durationMs: about => durationMs(about), limits: { parallel, perProvider: parallel } });
  const plan = planOf(changes);
  const report = await stage.run(plan);
  expect(report).toMatchObject({ outcome: 'done', failed: [] });
  expect(stage.cloud.most()).toBeLessThanOrEqual(parallel);
  return lowerBoundMs(plan, durationMs, parallel) / report.durationMs;
}

describe('the schedule', () => {
  it.each(Object.keys(SHAPES).flatMap(name => [10, 64].map(parallel => [name, parallel] as const)))(
    '%s, %s at once: as fast as the cloud allows',
    async (name, parallel) => {
      const changes = SHAPES[name]?.(name === 'chain' ? 60 : scaled(128, 640)) ?? [];
      expect(await efficiency(changes, () => 100, parallel)).toBeGreaterThanOrEqual(0.97);
    },
  );

  it('random graphs with a few long changes: close to the best possible order', async () => {
    const shares: number[] = [];
    for (let seed = 1; seed <= scaled(1, 12); seed += 1) {
      const random = randomOf(seed);
      // The long ones are of a kind that is known to take long.
      const kinds = Array.from({ length: scaled(200, 400) }, () =>
        random.chance(0.15) ? 'load-balancer' : 'firewall',
      );
      const changes = kinds.map((kind, index) => {
        const needs = Array.from({ length: random.between(0, 2) }, () =>
          random.between(Math.max(0, index - 40), index - 1),
        );
        const known = [...new Set(needs)].filter(need => need >= 0 && need < index);
        return change(key(index, kind), { needs: known.map(need => key(need, kinds[need])).sort() });
      });
      const tail = new Map(
        changes.map(({ address, kind }) => [address, (kind === 'firewall' ? 1_000 : 30_000) * (0.5 + random.next())]),
      );
      shares.push(await efficiency(changes, address => Math.round(tail.get(address) ?? 0), 10));
    }
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThanOrEqual(0.97);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.9);
  });

  it('learns while it goes on what takes long in this cloud', () => {
    const changes = [
      ...Array.from({ length: 40 }, (_, index) => change(key(index, 'firewall'))),
      ...Array.from({ length: 40 }, (_, index) => change(key(index, 'server'))),
    ];
    const pace = openPace(changes);
    const [firewall, server] = [changes[0] as Change, changes[40] as Change];
    expect(pace.of(server)).toBeGreaterThan(pace.of(firewall));
    for (const one of changes.slice(0, 16)) pace.learn(one, 90_000);
    expect(pace.of(firewall)).toBeGreaterThan(pace.of(server));
  });

  it('starts what has the longest way to go first', async () => {
    const stage = openStage({ limits: { parallel: 1, perProvider: 1 } });
    const kinds = ['firewall', 'volume', 'server', 'load-balancer'];
    const changes = [...kinds.map(kind => change(`create ${kind}/a`)), ...(SHAPES['chain']?.(3) ?? [])];
    const { done } = await stage.run(planOf(changes));
    expect(done[0]).toBe(key(0));
    expect(done.filter(one => one.endsWith('/a'))).toEqual([...kinds].reverse().map(kind => `create ${kind}/a`));
  });

  it('keeps the limit of each provider, and lets the others go on', async () => {
    const stage = openStage({ durationMs: () => 1_000, limits: { parallel: 5, perProvider: 2 } });
    const changes = ['one', 'two'].flatMap(provider =>
      Array.from({ length: 6 }, (_, index) => change(`create server/${provider}-${index}`, { provider })),
    );
    const report = await stage.run(planOf(changes));
    expect(stage.cloud.most()).toBe(4);
    expect(report.durationMs).toBe(3_000);
  });

  it('a provider that pauses does not hold up another one', async () => {
    const stage = openStage({ durationMs: () => 100, limits: { parallel: 2, perProvider: 2 } });
    stage.cloud.script('create server/slow-0', { does: 'refuse', class: 'rate-limited', retryAfterMs: 60_000 });
    const changes = ['slow', 'fast'].flatMap(provider =>
      Array.from({ length: 10 }, (_, index) => change(`create server/${provider}-${index}`, { provider })),
    );
    await stage.run(planOf(changes));
    const last = Math.max(
      ...stage.cloud.ledger.filter(({ about }) => about.startsWith('server/fast')).map(({ at }) => at),
    );
    expect(last).toBeLessThan(2_000);
  });

  it('what the cloud works on by itself, and what waits for its next attempt, takes no room', async () => {
    const stage = openStage({
      durationMs: (_, call) => (call === 'create' ? 100 : 0),
      limits: { parallel: 2, perProvider: 2 },
    });
    for (let index = 0; index < 20; index += 1)
      stage.cloud.script(`create server/n${index}`, { does: 'begin', ms: 60_000 });
    for (let index = 20; index < 40; index += 1)
      stage.cloud.script(`create server/n${index}`, { does: 'refuse', class: 'conflict', retryAfterMs: 60_000 });
    const report = await stage.run(planOf(SHAPES['independent']?.(40) ?? []));
    expect(report.outcome).toBe('done');
    // Two at once: a second for all first calls, a minute of waiting, and the second calls.
    expect(report.durationMs).toBeLessThan(65_000);
  });

  it('asks about all that is pending in one call', async () => {
    const stage = openStage({ limits: { parallel: 100, perProvider: 100 } });
    for (let index = 0; index < 100; index += 1)
      stage.cloud.script(`create server/n${index}`, { does: 'begin', ms: 5_000 + index });
    const report = await stage.run(planOf(SHAPES['independent']?.(100) ?? []));
    const polls = stage.cloud.ledger.filter(({ call }) => call === 'poll');
    expect(report.outcome).toBe('done');
    expect(polls.length).toBeLessThan(20);
    expect(Math.max(...polls.map(({ about }) => about.split(' ').length))).toBe(100);
  });

  it('a newcomer is not overlooked while all others are asked about later', async () => {
    const stage = openStage({
      limits: { parallel: 1, perProvider: 1 },
      durationMs: (about, call) => (call === 'create' && about.endsWith('b') ? 30_000 : 0),
    });
    stage.cloud.script('create server/a', { does: 'begin', ms: 120_000 });
    stage.cloud.script('create server/b', { does: 'begin', ms: 300 });
    await stage.run(planOf([change('create server/a'), change('create server/b')]));
    const done = stage.events.find(
      event => event.event === 'change' && event.key === 'create server/b' && event.state === 'done',
    );
    expect(done).toMatchObject({ elapsedMs: expect.toSatisfy((ms: number) => ms < 31_000) });
  });

  it('an action that never ends is left to the next run after its time, still followed', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'begin', ms: 24 * 3_600_000 });
    const report = await stage.run(
      planOf([change('create server/a'), change('create server/b', { needs: ['create server/a'] })]),
    );
    expect(report.outcome).toBe('failed');
    expect(report.failed[0]?.fault.problems[0]?.id).toBe('PR-TIMEOUT');
    expect(report.durationMs).toBe(15 * 60_000);
    const { writer } = await stage.take();
    expect(writer.recorded.intents.get('create server/a')?.token).toMatchObject({ id: 'id-1' });
    await writer.close({ release: true });
  });

  it('a poll that fails as a whole says nothing about what it asked', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'begin', ms: 10_000 });
    stage.cloud.script(
      'poll id-1',
      ...Array.from({ length: 5 }, () => ({ does: 'refuse', class: 'transient' }) as const),
    );
    expect((await stage.run(planOf([change('create server/a')]))).outcome).toBe('done');
  });

  it('an action that ends badly leaves its object on record', async () => {
    const stage = openStage();
    stage.cloud.script('create server/a', { does: 'begin', ms: 1_000, ends: 'capacity' });
    const report = await stage.run(planOf([change('create server/a')]));
    expect(report.failed[0]?.fault.problems[0]?.what).toBe('create server/a: the cloud says capacity');
    expect((await stage.recorded()).get('server/a')).toMatchObject({ id: 'id-1', tainted: true });
  });
});

describe('declaring ahead', () => {
  it('a chain of instant changes pushes a few times, and not once for each', async () => {
    const stage = openStage();
    stage.remote.latencyMs = 200;
    const { writer } = await stage.take();
    let pushes = 0;
    const counting: typeof writer = Object.create(writer, {
      pushed: { value: (sequence: number) => ((pushes += 1), writer.pushed(sequence)) },
    });
    const report = await runPlan(stage.input(counting, planOf(SHAPES['chain']?.(scaled(150, 1_000)) ?? [])));
    expect(report.outcome).toBe('done');
    expect(pushes).toBeLessThan(6);
    expect(report.durationMs).toBeLessThan(4_000);
    await writer.close({ release: true });
  });

  it('no call is sent before the remote has its intent', async () => {
    const stage = openStage();
    stage.remote.latencyMs = 5_000;
    const { writer } = await stage.take();
    const begunAt = stage.clock.monotonic();
    await runPlan(stage.input(writer, planOf([change('create server/a')])));
    expect((stage.cloud.ledger[0]?.at ?? 0) - begunAt).toBeGreaterThanOrEqual(5_000);
    await writer.close({ release: true });
  });
});

describe('the cost of the engine', () => {
  it('stays proportional to the number of changes', async () => {
    const cost = async (count: number): Promise<number> => {
      const stage = openStage({ limits: { parallel: 64, perProvider: 64 } });
      const { writer } = await stage.take();
      const plan = planOf(SHAPES['layered']?.(count) ?? []);
      const before = process.cpuUsage();
      const report = await runPlan({ ...stage.input(writer, plan), progress: () => {} });
      const { user, system } = process.cpuUsage(before);
      expect(report.outcome).toBe('done');
      await writer.close({ release: true });
      return (user + system) / 1_000 / count;
    };
    await cost(200);
    const small = await cost(scaled(100, 500));
    const large = await cost(scaled(300, 4_000));
    expect(large).toBeLessThan(small * 2.5 + 0.2);
  });
});

describe('the queue', () => {
  it('gives out the most urgent first, equal ones in the order of their coming', () => {
    const heap = openHeap<string>();
    const random = randomOf(1);
    const items = Array.from({ length: 500 }, (_, index) => ({
      name: `i${index}`,
      priority: random.between(0, 9),
      index,
    }));
    for (const { name, priority } of items) heap.push(name, priority);
    const expected = [...items].sort((a, b) => b.priority - a.priority || a.index - b.index).map(({ name }) => name);
    expect(heap.size).toBe(500);
    expect(heap.peek()).toBe(expected[0]);
    expect(items.map(() => heap.pop())).toEqual(expected);
    expect(heap.pop()).toBeUndefined();
  });
});
