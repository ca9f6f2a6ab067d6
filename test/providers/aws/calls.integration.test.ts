import { expect, it } from 'vitest';
import type { Instance } from '../../fakes/aws/model.ts';
import { newId } from '../../fakes/aws/objects.ts';
import { ownerLabels } from '../../../schemas/owner.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import { FAULT_CASES, caseName } from '../contract/fault-table.ts';
import { FAULTS, type FaultName } from '../../fakes/aws/faults.ts';
import { type Bench, WORKSPACE, bench, errorOf, ownerFor, request } from './objects.ts';

/** Copies the one server until there are so many, all ours. */
function fill({ state }: Bench, server: Instance, count: number): void {
  for (let at = 1; at < count; at += 1) {
    const id = newId(state, 'i');
    const tags = { ...server.tags, ...ownerLabels(ownerFor('server', `s${at}`)) };
    state.instances[id] = { ...server, id, serial: state.serial, token: id, tags };
  }
}

/** Questions of one listing besides the pages of its servers: one for each sort of object and of its parts. */
const OTHERS = 10;

it.each([10, 1_000, 10_000])('lists %i servers by pages of a thousand', async count => {
  const b = await bench();
  const { server } = await b.site();
  const [instance] = Object.values(b.state.instances);
  if (instance === undefined) throw new Error('there is nothing to copy');
  fill(b, instance, count);
  const before = b.count();
  const listed = await b.connection.list(b.ctx, WORKSPACE);
  const asked = b.cloud.ledger().slice(before);
  expect(listed.filter(object => object.kind === 'server')).toHaveLength(count);
  expect(listed.find(object => object.id === server.id)).toEqual(server);
  expect(asked.filter(({ action }) => action === 'DescribeInstances')).toHaveLength(Math.ceil(count / 1_000));
  expect(asked.map(({ action }) => action).filter(action => action !== 'DescribeInstances')).toHaveLength(OTHERS);
});

it('asks for a load balancer, each of its services and all tags in one call each', async () => {
  const b = await bench();
  const { subnet, server } = await b.site();
  const services = [80, 443].map(port => ({ protocol: 'tcp', listenPort: port, targetPort: port }));
  await b.create(request('load-balancer', { subnet: subnet.id, services, targets: [server.id] }));
  const before = b.count();
  await b.connection.list(b.ctx, WORKSPACE);
  const actions = b.cloud
    .ledger()
    .slice(before)
    .map(({ action }) => action);
  expect(actions.slice(-6)).toEqual([
    'DescribeLoadBalancers',
    'DescribeTags',
    'DescribeTargetGroups',
    'DescribeTargetHealth',
    'DescribeTargetHealth',
    'DescribeListeners',
  ]);
});

it('follows a hundred servers with one question for all that are on their way', async () => {
  const b = await bench();
  const { asked } = await b.site();
  b.cloud.configure({ actionMs: 30_000 });
  const tokens = [];
  for (let at = 0; at < 100; at += 1) {
    await b.clock.sleep(1_000);
    const outcome = await b.connection.create(b.ctx, request('server', asked.spec, `s${at}`));
    if (outcome.status === 'pending') tokens.push(outcome.token);
  }
  expect(tokens).toHaveLength(100);
  const before = b.count();
  await b.connection.poll(b.ctx, tokens);
  expect(b.count() - before).toBe(1);
  await b.clock.sleep(30_000);
  const results = await b.connection.poll(b.ctx, tokens);
  expect(results.every(result => !(result instanceof ProviderFault) && result.status === 'done')).toBe(true);
});

const PAGED = FAULT_CASES.flatMap(one => {
  const told = one.expect.list?.told;
  return told !== undefined && Object.hasOwn(FAULTS, one.fault)
    ? [{ ...one, fault: one.fault as FaultName, told, name: caseName(one) }]
    : [];
});

it.each(PAGED)('is no listing, or a whole one, with $name on its second page', async ({ fault, told, ms, hint }) => {
  const b = await bench({ pageSize: 5 });
  const networks = 12;
  for (let at = 0; at < networks; at += 1) await b.create(request('network', { ipRange: `10.${at}.0.0/16` }, `n${at}`));
  await b.clock.sleep(10_000);
  const fired = b.cloud.arm({
    fault,
    asked: 'list',
    action: 'DescribeVpcs',
    nth: 2,
    ms: ms ?? 0,
    hint: hint ?? 'none',
  });
  const call = b.connection.list(b.ctx, WORKSPACE);
  if (told === 'done') expect(await call).toHaveLength(networks);
  else expect((await errorOf(call)).class).toBe(told);
  expect(fired()).toBe(1);
  expect(await b.connection.list(b.ctx, WORKSPACE)).toHaveLength(networks);
});

it('shows what was there all the time when objects come and go between two pages', async () => {
  const b = await bench({ pageSize: 5 });
  const made = [];
  for (let at = 0; at < 12; at += 1)
    made.push(await b.create(request('network', { ipRange: `10.${at}.0.0/16` }, `n${at}`)));
  const first = made[0];
  let pages = 0;
  const fetch: typeof b.ctx.fetch = async (input, init) => {
    const answer = await b.ctx.fetch(input, init);
    if (String(init?.body).startsWith('Action=DescribeVpcs') || String(init?.body).includes('Action=DescribeVpcs&')) {
      pages += 1;
      if (pages === 1) Object.assign(b.state.vpcs[first?.id ?? ''] ?? {}, { goneAt: b.clock.now() });
    }
    return answer;
  };
  const listed = await b.connection.list({ ...b.ctx, fetch }, WORKSPACE);
  expect(pages).toBe(3);
  expect(listed.map(object => object.id)).toEqual(expect.arrayContaining(made.slice(1).map(object => object.id)));
});
