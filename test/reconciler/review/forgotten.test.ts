import { expect, test } from 'vitest';
import { trySync } from '../../../reconciler/review/sync.ts';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

const DAY_MS = 86_400_000;

function begun(): ReviewWorld {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  return world;
}

/** A pull request that is planned, and then approved and merged, or closed. */
async function ended(world: ReviewWorld, name: string, end: 'merge' | 'close'): Promise<number> {
  const { forge } = world;
  forge.push('ann', name, { [`shop/infra/${name}.yaml`]: serversText({ [name]: 'small' }) });
  const pull = forge.open('ann', name);
  await world.round();
  if (end === 'merge') {
    forge.judge('ben', pull, 'approved');
    forge.merge('ann', pull);
  } else forge.close(pull);
  await world.round();
  return pull;
}

test('what was over ninety days ago is forgotten; what still owes a word, and issues, are not', async () => {
  const world = begun();
  const { forge, clock, records } = world;
  const [applied, closed] = [await ended(world, 'one', 'merge'), await ended(world, 'two', 'close')];
  // The newest run can still be taken back, so the review of its pull request stays open.
  const newest = await ended(world, 'three', 'merge');
  const [server] = world.cloud.objects();
  world.cloud.handle(
    {
      method: 'PATCH',
      path: `/admin/objects/${server?.id}`,
      headers: {},
      body: JSON.stringify({ fields: { size: 'large' } }),
    },
    clock.now(),
  );
  await world.round();
  const issue = forge.issues[0]?.number ?? 0;
  await clock.advance(89 * DAY_MS);
  await world.round();
  expect([...records.keys()].sort()).toEqual([applied, closed, newest, issue].sort());
  await clock.advance(2 * DAY_MS);
  await world.round();
  expect([...records.keys()].sort()).toEqual([newest, issue].sort());
});

test('a comment on a forgotten one makes nothing begin anew, and no old command is obeyed twice', async () => {
  const world = begun();
  const { forge, clock, records } = world;
  forge.push('ann', 'one', { 'shop/infra/one.yaml': serversText({ one: 'small' }) });
  const pull = forge.open('ann', 'one');
  await world.round();
  forge.say('ben', pull, '/provisioning hold');
  await world.round();
  forge.say('ben', pull, '/provisioning resume');
  forge.close(pull);
  await world.round();
  await clock.advance(91 * DAY_MS);
  await world.round();
  expect(records.size).toBe(0);
  const [comment] = forge.remarksOf(pull);
  forge.say('eve', pull, 'What became of this?');
  expect(await trySync(world.context(), pull)).toBeNull();
  expect(forge.remarksOf(pull)[0]).toEqual(comment);
  expect(records.size).toBe(0);
});

test('a second look at a record that was lost, of an open pull request, obeys only what is new', async () => {
  const world = begun();
  const { forge, records } = world;
  forge.push('ann', 'one', { 'shop/infra/one.yaml': serversText({ one: 'small', two: 'small' }) });
  const pull = forge.open('ann', 'one');
  await world.round();
  forge.say('ben', pull, '/provisioning hold');
  await world.round();
  forge.say('ben', pull, '/provisioning resume');
  await world.round();
  records.delete(pull);
  const fresh = forge.say('ben', pull, '/provisioning help');
  await world.round();
  expect(records.get(pull)?.record).toMatchObject({ readUpTo: fresh, answers: [{ command: 'help' }] });
  expect(forge.remarksOf(pull).filter(({ isOwn }) => isOwn)).toHaveLength(1);
});

test('what was applied stays applied while a newer pull request of the same workspace is', async () => {
  const world = begun();
  const { forge } = world;
  const first = await ended(world, 'one', 'merge');
  const said = () => forge.remarksOf(first).find(({ isOwn }) => isOwn)?.body;
  const report = said();
  expect(report).toContain('stage applied');
  forge.push('ann', 'two', { 'shop/infra/two.yaml': serversText({ two: 'small' }) });
  const second = forge.open('ann', 'two');
  await world.round();
  forge.judge('ben', second, 'approved');
  forge.merge('ann', second);
  expect(await world.round({ dies: point => point === 'create.accepted' })).toMatchObject({ isDead: true });
  expect(await trySync(world.context(), first)).toMatchObject({ stage: 'applied' });
  expect(said()).toBe(report);
});
