import { expect, test } from 'vitest';
import { serversText } from './play.ts';
import { reviewWorld } from './world.ts';

test('a commit that a merge queue proposes is marked by whether everything in it can be planned together', async () => {
  const world = reviewWorld();
  const { forge } = world;
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  const good = forge.push('queue', 'gh-readonly-queue/main/pr-1-aaaa', {
    'shop/infra/a.yaml': serversText({ a: 'small' }),
  });
  const bad = forge.push('queue', 'gh-readonly-queue/main/pr-2-bbbb', {
    'shop/infra/a.yaml': serversText({ a: 'small' }),
    'shop/infra/b.yaml': serversText({ a: 'small' }),
  });
  const quiet = forge.push('queue', 'gh-readonly-queue/main/pr-3-cccc', { 'readme.md': 'x' });
  await world.round();
  const states = new Map(forge.marks.map(({ sha, state }) => [sha, state]));
  expect([good, bad, quiet].map(sha => states.get(sha))).toEqual(['success', 'failure', 'neutral']);
  const asked = forge.asked.get('check');
  await world.round();
  expect(forge.asked.get('check')).toBe(asked);
});
