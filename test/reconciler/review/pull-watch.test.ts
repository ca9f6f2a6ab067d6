import { expect, test } from 'vitest';
import { openPullWatch } from '../../../reconciler/review/pull-watch.ts';
import { serversText } from './play.ts';
import { reviewWorld } from './world.ts';

test('a word that comes after the merge lets the workspace go on at once, and once', async () => {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ web: 'small' }) });
  const pull = forge.open('ann', 'change');
  const watch = openPullWatch(world.context());
  expect(await watch.changed(true)).toEqual([`#${pull}`]);
  expect(await watch.look(pull)).toEqual([]);
  forge.merge('ann', pull);
  expect(await watch.look(pull)).toEqual([]);
  forge.judge('ben', pull, 'approved');
  expect(await watch.look(pull)).toEqual(['shop@']);
  // Whatever the pass comes to, it is not begun again because its pull request is looked at again.
  expect(await watch.look(pull)).toEqual([]);
  forge.judge('ben', pull, 'changes-requested');
  expect(await watch.look(pull)).toEqual([]);
  forge.judge('ben', pull, 'approved');
  expect(await watch.look(pull)).toEqual(['shop@']);
  await world.round();
  expect(await watch.look(pull)).toEqual([]);
  expect(world.servers()).toEqual(['shop-web:small']);
});
