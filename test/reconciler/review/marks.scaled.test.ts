import { describe, expect, test } from 'vitest';
import { reviewPulls } from '../../../reconciler/review/round.ts';
import { isFull } from '../../scaled.ts';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

function begun(sizes: { readonly [name: string]: string }, more: readonly string[] = []): ReviewWorld {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', {
    'shop/workspace.yaml': ['name: shop', 'providers:', '  demo: {}', ...more, ''].join('\n'),
  });
  forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText(sizes) });
  forge.open('ann', 'change');
  return world;
}

const MANY = Object.fromEntries(Array.from({ length: 1_500 }, (_, at) => [`web-${at}`, 'small']));

describe('a mark on a commit', () => {
  test('that a killed process left behind is concluded, also when its commit was never shown', async () => {
    const world = begun({ web: 'small' });
    const { forge } = world;
    const died = await world.round({ dies: point => point === 'check.after' });
    expect(died.isDead).toBe(true);
    const [left] = forge.marks;
    expect(left).toMatchObject({ state: 'running' });
    const head = forge.push('ann', 'change', { 'shop/infra/main.yaml': serversText({ web: 'large' }) });
    expect(head).not.toBe(left?.sha);
    await world.round();
    expect(forge.marks.map(({ sha, state }) => [sha === head, state])).toEqual([
      [false, 'cancelled'],
      [true, 'success'],
    ]);
  });

  test.each(['merge', 'close'] as const)('is concluded when all that comes after the kill is: %s', async end => {
    const world = begun({ web: 'small' });
    const { forge } = world;
    await world.round({ dies: point => point === 'check.after' });
    if (end === 'merge') forge.merge('ann', 1);
    else forge.close(1);
    await world.round();
    expect(forge.marks.filter(({ state }) => state === 'running')).toEqual([]);
    // What was never shown is not applied, and nobody is told that it was.
    expect(world.servers()).toEqual([]);
    expect(forge.remarksOf(1)[0]?.body).toMatch(
      end === 'merge' ? 'provisioning:stage waiting' : 'provisioning:stage closed',
    );
  });

  test('is written again when only its text changes, and not when nothing does', async () => {
    const world = begun({ web: 'small' }, ['review: none']);
    const { forge, cloud, clock } = world;
    forge.merge('ann', 1);
    await world.round();
    forge.push('ann', 'grow', { 'shop/infra/main.yaml': serversText({ web: 'large' }) });
    forge.open('ann', 'grow');
    await world.round();
    const before = forge.marks.at(-1);
    const asked = forge.asked.get('check');
    await world.round();
    expect(forge.asked.get('check')).toBe(asked);
    const [server] = cloud.objects();
    const body = JSON.stringify({ fields: { size: 'medium' } });
    cloud.handle({ method: 'PATCH', path: `/admin/objects/${server?.id}`, headers: {}, body }, clock.now());
    // A whole round would mend the drift as well, and then nothing is left to say.
    await reviewPulls(world.context(), null);
    const after = forge.marks.at(-1);
    expect(after).toMatchObject({ name: before?.name, sha: before?.sha, state: before?.state, title: before?.title });
    expect(before?.text).toContain('small');
    expect(after?.text).not.toBe(before?.text);
    expect(after?.text).toContain('medium');
  });
});

if (isFull())
  describe('further checks for what a comment cannot hold', () => {
    test('are linked from the comment, and emptied when a later plan of the same commit needs fewer', async () => {
      const world = begun(MANY);
      const { forge } = world;
      await world.round();
      const pages = forge.marks.length;
      expect(pages).toBeGreaterThan(2);
      expect(forge.remarksOf(1)[0]?.body).toContain('(https://forge.invalid/acme/infra/pull/1/checks)');
      const excluded = Object.keys(MANY)
        .slice(1)
        .map(name => `server/${name}`);
      for (const record of world.records.values()) record.record.excludes.push(...excluded);
      await world.round();
      expect(forge.marks).toHaveLength(pages);
      expect(forge.marks.slice(1).map(({ state, text }) => [state, text])).toEqual(
        Array.from({ length: pages - 1 }, () => ['neutral', '']),
      );
      expect(forge.remarksOf(1)[0]?.body).not.toContain('/checks)');
    });

    test('do not exist where a check holds one line alone, and no comment points to them', async () => {
      const world = begun(MANY);
      const { forge } = world;
      forge.holdsText = async () => false;
      await world.round();
      expect(forge.marks.map(({ name }) => name)).toEqual(['provisioning/plan']);
      const [remark] = forge.remarksOf(1);
      expect(remark?.body).toContain('cannot hold the whole plan');
      expect(remark?.body).not.toContain('/checks');
    });
  });
