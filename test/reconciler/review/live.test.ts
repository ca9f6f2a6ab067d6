import { expect, test } from 'vitest';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

const SERVERS = 40;

/** An approved and merged pull request with many servers, at a cloud that takes its time. */
async function merged(slowestMs: number): Promise<ReviewWorld> {
  const world = reviewWorld();
  const { forge, cloud, clock } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  const servers = Object.fromEntries(Array.from({ length: SERVERS }, (_, at) => [`web-${at}`, 'small']));
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText(servers) });
  const pull = forge.open('ann', 'change');
  await world.round();
  forge.judge('ben', pull, 'approved');
  forge.merge('ann', pull);
  const body = JSON.stringify({ latency: { writes: [slowestMs / 20, slowestMs] } });
  cloud.handle({ method: 'PATCH', path: '/admin/settings', headers: {}, body }, clock.now());
  return world;
}

/** What the one comment said, each time it was written, and when. */
function watched({ forge, clock }: ReviewWorld): readonly { readonly at: number; readonly body: string }[] {
  const said: { at: number; body: string }[] = [];
  const { remark } = forge;
  forge.remark = (number, write) => {
    said.push({ at: clock.monotonic(), body: write.body });
    return remark(number, write);
  };
  return said;
}

const applying = (said: ReturnType<typeof watched>) => said.filter(({ body }) => body.includes('stage applying'));
const doneIn = (body: string): number => Number(/Applying: (\d+) of/.exec(body)?.[1] ?? -1);

test('the comment follows a long apply, and is written ten seconds apart at the most often', async () => {
  const world = await merged(60_000);
  const said = watched(world);
  const from = world.clock.monotonic();
  const { passes } = await world.round();
  expect(passes).toMatchObject([{ status: 'applied' }]);
  const tookMs = world.clock.monotonic() - from;
  const live = applying(said);
  expect(live.length).toBeGreaterThanOrEqual(3);
  expect(live.length).toBeLessThanOrEqual(tookMs / 10_000);
  const gaps = live.slice(1).map(({ at }, index) => at - (live[index]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
  // Each time more is done than before, and never all: that is for the report.
  const done = live.map(({ body }) => doneIn(body));
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(new Set(done).size).toBeGreaterThan(2);
  expect(live.every(({ body }) => body.includes('**Now:**'))).toBe(true);
  expect(said.at(-1)?.body).toContain('stage applied');
  expect(world.forge.remarksOf(1).filter(({ isOwn }) => isOwn)).toHaveLength(1);
});

test('a short apply is told of once, when it is over', async () => {
  const world = await merged(0);
  const said = watched(world);
  await world.round();
  expect(applying(said)).toEqual([]);
  expect(said.at(-1)?.body).toContain('stage applied');
});

test('a host that does not answer meanwhile disturbs no apply', async () => {
  const world = await merged(60_000);
  const { remark } = world.forge;
  world.forge.remark = (number, write) =>
    write.body.includes('stage applying') ? Promise.reject(new Error('gone')) : remark(number, write);
  const { passes } = await world.round();
  expect(passes).toMatchObject([{ status: 'applied' }]);
  expect(world.servers()).toHaveLength(SERVERS);
  expect(world.forge.remarksOf(1)[0]?.body).toContain('stage applied');
});
