import { expect, test } from 'vitest';
import { watch as watchAll } from '../../../reconciler/watch.ts';
import { openPullWatch } from '../../../reconciler/review/pull-watch.ts';
import { Fault } from '../../../schemas/fault.ts';
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

test('one that could not be looked after is looked at again soon, however long it is until the next poll', async () => {
  const world = reviewWorld();
  const { forge, clock } = world;
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ web: 'small' }) });
  const pull = forge.open('ann', 'change');
  const stop = new AbortController();
  const { remarks, remark } = forge;
  let refusals = 3;
  forge.remarks = number => (refusals-- > 0 ? Promise.reject(unavailable()) : remarks(number));
  forge.remark = (number, write) => remark(number, write).finally(() => stop.abort());
  const review = world.context();
  const begun = clock.now();
  const signals = { stop: stop.signal, abort: new AbortController().signal };
  const quiet = { progress: () => {}, shown: () => {}, reported: () => {}, hints: null };
  const pace = { pollMs: 3_600_000, parallel: 1, waitMs: 0 };
  await watchAll(review.ports, { ...review, review, actor: 'test', signals, ...quiet, ...pace });
  expect(refusals).toBeLessThan(0);
  expect(forge.remarksOf(pull)[0]?.body).toContain('stage planned');
  expect(clock.now() - begun).toBeLessThan(30_000);
});

const unavailable = (): Fault => new Fault('unavailable', { id: 'FORGE-TEST', what: 'the host does not answer' });
