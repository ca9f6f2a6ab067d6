import { expect, test } from 'vitest';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

/** A pull request that was merged, and whose apply fails for good. */
async function failed(asks: boolean): Promise<ReviewWorld> {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  const rules = asks ? 'pullRequests: { revert: true }\n' : '';
  forge.push('root', 'main', { 'shop/workspace.yaml': `name: shop\n${rules}providers:\n  demo: {}\n` });
  forge.push('root', 'main', { 'shop/infra/old.yaml': 'firewall:\n  ops: { rules: [] }\n' });
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ web: 'small' }) });
  const pull = forge.open('ann', 'change');
  await world.round();
  forge.judge('ben', pull, 'approved');
  world.cloud.arm({ fault: 'quota', match: { kind: 'server' }, times: null });
  forge.merge('ann', pull, 'squash');
  return world;
}

const FILE = 'shop/infra/main.yaml';

test('a failed merge is taken back by a pull request, once, which is reviewed like any other', async () => {
  const world = await failed(true);
  const { forge, git } = world;
  const { reviews } = await world.round();
  expect(reviews).toMatchObject([{ pull: 1, stage: 'failed' }]);
  const [revert, ...more] = await forge.openPulls();
  expect(more).toEqual([]);
  expect(revert).toMatchObject({ title: 'Revert #1: its apply failed', state: 'open', base: { branch: 'main' } });
  const main = git.refs.get('refs/heads/main') ?? '';
  expect(git.files(main).has(FILE)).toBe(true);
  expect(git.files(revert?.head.sha ?? '').has(FILE)).toBe(false);
  // Only what was merged is taken back.
  expect(git.files(revert?.head.sha ?? '').has('shop/infra/old.yaml')).toBe(true);
  await world.round();
  await world.round();
  expect(await forge.openPulls()).toHaveLength(1);
  expect(forge.remarksOf(revert?.number ?? 0)).toHaveLength(1);
  // Merged without a word of anybody, it is not applied.
  forge.merge('ann', revert?.number ?? 0);
  const early = await world.round();
  expect(early.passes).not.toContainEqual(expect.objectContaining({ status: 'applied' }));
  expect(git.files(git.refs.get('refs/heads/main') ?? '').has(FILE)).toBe(false);
});

test('nothing is opened where the workspace does not ask for it, nor when somebody changed the same lines since', async () => {
  const quiet = await failed(false);
  await quiet.round();
  expect(await quiet.forge.openPulls()).toEqual([]);
  const world = await failed(true);
  world.forge.push('ben', 'main', { [FILE]: serversText({ web: 'large' }) });
  await world.round();
  expect(await world.forge.openPulls()).toEqual([]);
});
