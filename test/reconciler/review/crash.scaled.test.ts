import { expect, test } from 'vitest';
import type { Failpoint } from '../../../schemas/failpoint.ts';
import { isFull } from '../../scaled.ts';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

/** From the first push to the report, in four rounds; in one of them the process may die. */
async function story(dies: (round: number, point: Failpoint) => boolean): Promise<ReviewWorld> {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ 'web-1': 'small', 'web-2': 'small' }) });
  const pull = forge.open('ann', 'change');
  const settle = async (round: number): Promise<void> => {
    const { isDead } = await world.round({ dies: point => dies(round, point) });
    if (isDead) await world.round();
  };
  await settle(1);
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ 'web-1': 'small' }) });
  await settle(2);
  // A word that was given before the plan was shown again does not count: the approver looks, and says it then.
  forge.judge('ben', pull, 'approved');
  forge.merge('ann', pull);
  await settle(3);
  return world;
}

function ending({ forge, servers }: ReviewWorld): unknown {
  const comments = forge.remarksOf(1);
  return {
    comments: comments.length,
    says:
      /"stage": "(\w+)"/.exec(comments[0]?.body ?? '')?.[1] ??
      /provisioning:stage (\w+)/.exec(comments[0]?.body ?? '')?.[1],
    checks: forge.marks.map(({ name, state }) => `${name} ${state}`),
    servers: servers(),
  };
}

test('a kill anywhere between the push and the report changes nothing in the end', async () => {
  const passed: { readonly round: number; readonly point: Failpoint; readonly nth: number }[] = [];
  const counts = new Map<string, number>();
  const calm = await story((round, point) => {
    const nth = (counts.get(`${round} ${point}`) ?? 0) + 1;
    counts.set(`${round} ${point}`, nth);
    passed.push({ round, point, nth });
    return false;
  });
  const wanted = ending(calm);
  expect(wanted).toMatchObject({ comments: 1, servers: ['shop-web-1:small'] });
  expect(new Set(passed.map(({ point }) => point)).size).toBeGreaterThan(30);
  const bad: string[] = [];
  for (const [index, { round, point, nth }] of passed.entries()) {
    if (!isFull() && index % 40 !== 20) continue;
    let left = nth;
    let fired = false;
    const world = await story((at, reached) => {
      if (fired || at !== round || reached !== point || --left > 0) return false;
      fired = true;
      return true;
    });
    const is = JSON.stringify(ending(world));
    if (!fired || is !== JSON.stringify(wanted))
      bad.push(`${point}:${nth} in round ${round}: ${fired ? is : 'did not happen'}`);
  }
  expect(bad).toEqual([]);
}, 300_000);
