import { describe, expect, test } from 'vitest';
import { shownAs } from '../../../reconciler/review/shown.ts';
import { isFull } from '../../scaled.ts';
import { reviewWorld } from './world.ts';

const WORKSPACE = `name: shop
providers:
  demo: {}
`;

function servers(sizes: { readonly [name: string]: string }): string {
  const lines = Object.entries(sizes).map(
    ([name, size]) => `  ${name}: { size: ${size}, image: debian-12, zone: fi-1 }`,
  );
  return `server:\n${lines.join('\n')}\n`;
}

function begun(settings = '') {
  const world = reviewWorld();
  for (const login of ['ann', 'ben', 'cat']) world.forge.access_.set(login, 'write');
  world.forge.access_.set('eve', 'read');
  world.forge.push('ann', 'main', { 'shop/workspace.yaml': WORKSPACE + settings, 'readme.md': 'hello' });
  return world;
}

describe('a pull request', () => {
  test('is planned, approved, merged and applied, with one comment from the first plan to the report', async () => {
    const world = begun();
    const { forge } = world;
    forge.push('ann', 'change', { 'shop/infra/main.yaml': servers({ 'web-1': 'small', 'web-2': 'small' }) });
    const pull = forge.open('ann', 'change');
    const first = await world.round();
    expect(first.reviews).toMatchObject([{ pull, stage: 'planned', risk: 'create' }]);
    expect(forge.remarksOf(pull)).toHaveLength(1);
    expect(world.servers()).toEqual([]);
    const [view] = first.reviews;
    const [remark] = forge.remarksOf(pull);
    if (view === undefined || remark === undefined) throw new Error('nothing was shown');
    const shown = await shownAs(world.context(), view);
    expect(shown.markdown.trimEnd()).toBe(remark.body.trimEnd());
    expect(shown.commentUrl).toMatch(new RegExp(`/pull/${pull}#issuecomment-${remark.id}$`));
    forge.judge('ben', pull, 'approved');
    forge.merge('ann', pull);
    const second = await world.round();
    expect(second.passes).toMatchObject([{ status: 'applied' }]);
    expect(second.reviews).toMatchObject([{ pull, stage: 'applied' }]);
    expect(world.servers()).toEqual(['shop-web-1:small', 'shop-web-2:small']);
    expect(forge.remarksOf(pull)).toHaveLength(1);
    expect(forge.marks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'provisioning/plan success',
      'provisioning/apply success',
    ]);
    const asked = forge.asked.get('remark');
    const third = await world.round();
    expect(third.passes).toMatchObject([{ status: 'in-sync', writes: 0 }]);
    expect(forge.asked.get('remark')).toBe(asked);
  });

  test('keeps its report when a later one is applied, also beside the answer to a last command', async () => {
    const world = begun();
    const { forge } = world;
    for (const name of ['web-1', 'web-2']) {
      forge.push('ann', name, { [`shop/infra/${name}.yaml`]: servers({ [name]: 'small' }) });
      const pull = forge.open('ann', name);
      await world.round();
      forge.judge('ben', pull, 'approved');
      forge.merge('ann', pull);
      if (name === 'web-2') forge.say('ben', 1, '/provisioning help');
      await world.round();
    }
    const [report] = forge.remarksOf(1);
    expect(report?.body).toContain('### ✓ Applied: 1 step');
    expect(report?.body).toContain('✓ applied, 1 of 1 step, 1 checkpoint');
    expect(report?.body).toContain('help` by ben');
    const applied = forge.marks.filter(({ name }) => name === 'provisioning/apply');
    expect(applied.map(({ title }) => title)).toEqual(['Applied: 1 step', 'Applied: 1 step']);
    expect(world.records.get(1)?.record.isClosed).toBe(true);
  });

  test('is not applied when nobody approved it, and says so', async () => {
    const world = begun();
    const { forge } = world;
    forge.push('ann', 'change', { 'shop/infra/main.yaml': servers({ 'web-1': 'small' }) });
    const pull = forge.open('ann', 'change');
    await world.round();
    forge.merge('ann', pull);
    const second = await world.round();
    expect(second.passes).toMatchObject([{ status: 'waiting' }]);
    expect(second.reviews).toMatchObject([{ pull, stage: 'waiting' }]);
    expect(world.servers()).toEqual([]);
    forge.judge('ben', pull, 'approved');
    const third = await world.round();
    expect(third.passes).toMatchObject([{ status: 'applied' }]);
    expect(world.servers()).toEqual(['shop-web-1:small']);
  });

  if (isFull())
    test('whose plan fits into no comment goes on in further checks, which are written once', async () => {
      const world = begun();
      const { forge } = world;
      const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, at) => [`web-${at}`, 'small']));
      forge.push('ann', 'change', { 'shop/infra/main.yaml': servers(many) });
      forge.open('ann', 'change');
      await world.round();
      const names = forge.marks.map(({ name }) => name);
      expect(names.slice(0, 2)).toEqual(['provisioning/plan', 'provisioning/plan (2)']);
      expect(forge.marks.every(({ text }) => text.length <= 65_535)).toBe(true);
      expect(forge.marks.slice(1).every(({ state }) => state === 'neutral')).toBe(true);
      const shown = forge.marks.map(({ text }) => text).join('\n');
      const [remark] = forge.remarksOf(1);
      const absent = Object.keys(many).filter(
        name => !shown.includes(`server/${name}`) && !remark?.body.includes(`server/${name}`),
      );
      expect(absent).toEqual([]);
      const written = forge.asked.get('check');
      await world.round();
      expect(forge.asked.get('check')).toBe(written);
    });
});
