import { expect, test } from 'vitest';
import { type ReviewWorld, reviewWorld } from './world.ts';

const workspace = (name: string, more = ''): string => `name: ${name}\n${more}providers:\n  demo: {}\n`;
const net = (range: string): string => `network:\n  main: { ipRange: ${range} }\n`;
const READS =
  'firewall:\n  ops: { rules: [{ direction: in, protocol: tcp, port: 22, sources: ["${workspace.net.network.main.ipRange}"] }] }\n';

/** Two workspaces that are in line, the second of which reads the first; the head is a pull request that changed the first alone. */
async function settled(): Promise<ReviewWorld> {
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', {
    'net/workspace.yaml': workspace('net', 'review: none\n'),
    'net/infra/main.yaml': net('10.20.0.0/16'),
    'shop/workspace.yaml': workspace('shop', 'review: none\n'),
    'shop/infra/main.yaml': READS,
  });
  await world.round();
  forge.push('root', 'main', { 'net/workspace.yaml': workspace('net'), 'shop/workspace.yaml': workspace('shop') });
  await world.round();
  forge.push('ann', 'more', { 'net/infra/more.yaml': 'network:\n  more: { ipRange: 10.40.0.0/16 }\n' });
  const pull = forge.open('ann', 'more');
  await world.round();
  forge.judge('ben', pull, 'approved');
  forge.merge('ann', pull);
  await world.round();
  return world;
}

/** Somebody changes an object behind our back. */
function tampered({ cloud, clock }: ReviewWorld, kind: string, fields: object): void {
  const object = cloud.objects().find(one => one.kind === kind);
  const body = JSON.stringify({ fields });
  cloud.handle({ method: 'PATCH', path: `/admin/objects/${object?.id}`, headers: {}, body }, clock.now());
}

test('a workspace that the newest pull request did not plan is agreed to by the digest of its plan', async () => {
  const world = await settled();
  tampered(world, 'firewall', { rules: [] });
  const { passes } = await world.round();
  const shop = passes.find(one => one.workspace === 'shop');
  expect(shop).toMatchObject({ status: 'waiting' });
  // The pull request will never show it: no comment on it could help.
  expect(shop?.next).toBe(
    `look at \`provisioning plan\` of shop, then run \`provisioning approve ${shop?.digest?.slice(0, 12)}\``,
  );
  expect(world.forge.remarksOf(1)[0]?.body).not.toContain('firewall/ops');
  // What it says is enough: the approval of that digest lets the next pass go on.
  const ctx = world.context();
  const store = ctx.ports.openState({ remote: 'memory', workspace: 'shop' });
  const writer = await store.take(ctx.ports.holder, { waitMs: 0, signal: ctx.signals.stop });
  const approval = { digest: shop?.digest ?? '', commit: shop?.commit ?? '', by: 'ben', at: world.clock.now() };
  if (shop?.plan == null) throw new Error('there is no plan');
  await writer.pushed(await writer.append([{ step: 'approve', approval, plan: shop.plan }]));
  await writer.close({ release: true });
  const next = await world.round();
  expect(next.passes.find(one => one.workspace === 'shop')).toMatchObject({ status: 'applied' });
});

test('so is one that was applied for the pull request and drifted since', async () => {
  const world = await settled();
  tampered(world, 'network', { ip_range: '10.99.0.0/16' });
  const { passes } = await world.round();
  const own = passes.find(one => one.workspace === 'net');
  expect(own).toMatchObject({ status: 'waiting', next: expect.stringContaining('`provisioning approve ') });
});

test('one whose plan of now the pull request shows is agreed to there', async () => {
  const world = await settled();
  const { forge } = world;
  forge.push('ann', 'grow', { 'net/infra/main.yaml': net('10.30.0.0/16') });
  const pull = forge.open('ann', 'grow');
  await world.round();
  forge.judge('ben', pull, 'approved');
  tampered(world, 'firewall', { rules: [] });
  forge.push('root', 'main', { 'shop/infra/more.yaml': 'firewall:\n  web: { rules: [] }\n' });
  forge.merge('ann', pull);
  const { passes } = await world.round();
  const shop = passes.find(one => one.workspace === 'shop');
  expect(shop).toMatchObject({
    status: 'waiting',
    next: `answer \`/provisioning apply\` on #${pull} once the plan of now is shown there`,
  });
  expect(forge.remarksOf(pull)[0]?.body).toContain('/provisioning apply');
});
