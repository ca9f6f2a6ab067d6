import { describe, expect, test } from 'vitest';
import { type ReviewWorld, reviewWorld } from './world.ts';

const MAIN = `# The shop.
server:
  web: # in front
    size: small
    image: debian-12
    zone: fi-1
`;

/** One server, applied; then somebody resizes it behind our back. */
async function drifted(): Promise<ReviewWorld> {
  const world = reviewWorld();
  const { forge, cloud, clock } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  const workspace = (review: string): string => `name: shop\n${review}providers:\n  demo: {}\n`;
  forge.push('root', 'main', { 'shop/workspace.yaml': workspace('review: none\n') });
  forge.push('root', 'main', { 'shop/infra/main.yaml': MAIN });
  await world.round();
  forge.push('root', 'main', { 'shop/workspace.yaml': workspace('') });
  await world.round();
  const body = JSON.stringify({ by: 'carol', fields: { size: 'medium' } });
  cloud.handle({ method: 'PATCH', path: '/admin/objects/srv-1', headers: {}, body }, clock.now());
  await world.round();
  return world;
}

const recordOf = async (world: ReviewWorld) =>
  (await world.context().ports.openState({ remote: 'memory', workspace: 'shop' }).read()).objects;

const issueOf = ({ forge }: ReviewWorld) => forge.issues[0];

describe('drift', () => {
  test('opens one standing issue, and says the same thing once', async () => {
    const world = await drifted();
    expect(world.forge.issues).toHaveLength(1);
    expect(issueOf(world)).toMatchObject({ state: 'open' });
    expect(issueOf(world)?.body).toContain('server/web');
    expect(issueOf(world)?.body).toMatch(/changed last by carol on \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    const { updatedAt } = issueOf(world) ?? { updatedAt: 0 };
    await world.round();
    expect(world.forge.issues).toHaveLength(1);
    expect(issueOf(world)?.updatedAt).toBe(updatedAt);
    expect(world.servers()).toEqual(['shop-web:medium']);
  });

  test('is put right when somebody says fix, and the issue closes', async () => {
    const world = await drifted();
    world.forge.say('ben', issueOf(world)?.number ?? 0, '/provisioning fix');
    await world.round();
    await world.round();
    expect(world.servers()).toEqual(['shop-web:small']);
    expect(issueOf(world)).toMatchObject({ state: 'closed' });
  });

  test('is written into the files when somebody says adopt, by a pull request whose plan is empty', async () => {
    const world = await drifted();
    world.forge.say('ben', issueOf(world)?.number ?? 0, '/provisioning adopt');
    await world.round();
    const [pull] = await world.forge.openPulls();
    const { reviews } = await world.round();
    expect(world.git.files(pull?.head.sha ?? '').get('shop/infra/main.yaml')).toBe(MAIN.replace('small', 'medium'));
    const shown = reviews.find(view => view.pull === pull?.number);
    expect(shown).toMatchObject({ risk: 'none', workspaces: [{ workspace: 'shop', plan: { changes: [] } }] });
    world.forge.merge('ann', pull?.number ?? 0);
    const ledger = world.cloud.ledger().length;
    await world.round();
    await world.round();
    expect(world.servers()).toEqual(['shop-web:medium']);
    expect(
      world.cloud
        .ledger()
        .slice(ledger)
        .filter(({ effect }) => effect !== 'none'),
    ).toEqual([]);
    expect(issueOf(world)).toMatchObject({ state: 'closed' });
    expect((await recordOf(world)).get('server/web')?.spec).toMatchObject({ size: 'medium' });
  });

  test('is left alone until a day when somebody says snooze', async () => {
    const world = await drifted();
    const number = issueOf(world)?.number ?? 0;
    const day = new Date(world.clock.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    world.forge.say('ben', number, `/provisioning snooze ${day}`);
    await world.round();
    expect(issueOf(world)).toMatchObject({ state: 'closed' });
    await world.clock.sleep(3 * 86_400_000);
    await world.round();
    expect(issueOf(world)).toMatchObject({ state: 'open' });
  });

  test('a word about other drift, or of somebody without access, decides nothing', async () => {
    const world = await drifted();
    const number = issueOf(world)?.number ?? 0;
    world.forge.say('eve', number, '/provisioning fix');
    const remark = world.forge.say('ben', number, 'hello');
    world.forge.edit(remark, '/provisioning fix');
    await world.round();
    await world.round();
    expect(world.servers()).toEqual(['shop-web:medium']);
  });
});
