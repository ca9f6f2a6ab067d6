import { expect, it } from 'vitest';
import { live } from '../../fakes/aws/objects.ts';
import { type CallContext, type Connection, type Observed, ProviderFault } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { truth } from './aws-world.ts';
import { type Bench, bench, request, updateOf } from './objects.ts';

const killed = new Error('killed');

/** A context whose program dies at its nth request: the request arrives, its answer and all that would follow do not. */
function dyingAt(ctx: CallContext, nth: number) {
  let requests = 0;
  const fetch: CallContext['fetch'] = async (input, init) => {
    requests += 1;
    if (requests > nth) throw killed;
    const answer = await ctx.fetch(input, init);
    if (requests === nth) throw killed;
    return answer;
  };
  return { context: { ...ctx, fetch }, isOver: () => requests < nth };
}

const PORTS = [
  { protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/up' },
  { protocol: 'tcp', listenPort: 22, targetPort: 22 },
];
const RULES = [
  { direction: 'in', protocol: 'tcp', port: 22 },
  { direction: 'out', protocol: 'any', sources: ['10.0.0.0/8'] },
];

interface Composite {
  readonly kind: string;
  spec(b: Bench): Promise<Spec>;
  /** Parts that only a look at the cloud itself shows. */
  whole?(b: Bench, made: Observed): void;
}

const COMPOSITES: readonly Composite[] = [
  {
    kind: 'network',
    spec: () => Promise.resolve({ ipRange: '10.1.0.0/16' }),
    whole({ state }, { id }) {
      const table = live(state.routeTables).find(one => one.vpc === id);
      expect(live(state.gateways).filter(one => one.vpc === id)).toHaveLength(1);
      expect(table?.routes.map(route => route.cidr)).toEqual(['10.1.0.0/16', '0.0.0.0/0']);
      expect(state.vpcs[id]?.hostNames).toBe(true);
    },
  },
  { kind: 'firewall', spec: () => Promise.resolve({ rules: RULES }) },
  { kind: 'volume', spec: async b => ({ sizeGib: 10, server: (await b.site()).server.id }) },
  { kind: 'floating-ip', spec: async b => ({ server: (await b.site()).server.id }) },
  {
    kind: 'load-balancer',
    async spec(b) {
      const { subnet, server } = await b.site();
      return { subnet: subnet.id, services: PORTS, targets: [server.id] };
    },
    whole({ state }) {
      expect([live(state.targetGroups).length, live(state.listeners).length]).toEqual([2, 2]);
    },
  },
];

/** What the engine does after a restart: look by the operation, wait for what is on its way, and ask for what differs. */
async function recovered(b: Bench, by: Connection, asked: ReturnType<typeof request>): Promise<Observed> {
  const { ctx, finish, create } = b;
  const found = await by.find(ctx, asked);
  expect(found.length).toBeLessThanOrEqual(1);
  const watched = { kind: asked.kind, id: found[0]?.id ?? '', wait: null, pollMs: 1_000 };
  let object = found[0] ?? (await create(asked, by));
  if (object.phase === 'pending') object = (await finish({ status: 'pending', token: watched }, by)) ?? object;
  const different = Object.entries(asked.spec).filter(
    ([field, value]) => JSON.stringify(object.spec[field]) !== JSON.stringify(value),
  );
  if (different.length === 0) return object;
  const update = { ...updateOf(object, asked, Object.fromEntries(different)), before: object.spec };
  return (await finish(await by.update(ctx, update), by)) ?? object;
}

it.each(COMPOSITES)('a $kind is whole after a crash at any request of its creation', async ({ kind, spec, whole }) => {
  let crashes = 0;
  for (let isOver = false; !isOver; crashes += 1) {
    expect(crashes).toBeLessThan(60);
    const b = await bench();
    const asked = request(kind, await spec(b));
    const before = { gateways: live(b.state.gateways).length, truth: truth(b.state) };
    const dying = dyingAt(b.ctx, crashes + 1);
    const made = await b.connection.create(dying.context, asked).catch(() => null);
    isOver = made !== null && dying.isOver();
    const connection = await b.world.connect(b.ctx);
    await b.clock.sleep(6_000);
    const object = await recovered(b, connection, asked);
    expect(object).toMatchObject({ phase: 'ready', spec: asked.spec });
    whole?.(b, object);
    expect(truth(b.state)).toHaveLength(before.truth.length + 1);
    const gone = await connection.delete(b.ctx, { kind, id: object.id, owner: asked.owner });
    expect(await b.finish(gone, connection)).toBeNull();
    expect(truth(b.state)).toEqual(before.truth);
    expect(live(b.state.gateways)).toHaveLength(before.gateways);
    expect(live(b.state.targetGroups)).toEqual([]);
  }
  expect(crashes).toBeGreaterThan(3);
});

it('a network is gone, with all its parts, after a crash at any request of its deletion', async () => {
  let crashes = 0;
  for (let isOver = false; !isOver; crashes += 1) {
    const b = await bench();
    const before = live(b.state.gateways).length;
    const asked = request('network', { ipRange: '10.1.0.0/16' });
    const { id } = await b.create(asked);
    const dying = dyingAt(b.ctx, crashes + 1);
    const gone = await b.connection.delete(dying.context, { ...asked, id }).catch(() => null);
    isOver = gone !== null && dying.isOver();
    const connection = await b.world.connect(b.ctx);
    await b.clock.sleep(6_000);
    await b.finish(await connection.delete(b.ctx, { ...asked, id }), connection);
    expect(truth(b.state)).toEqual([]);
    expect(live(b.state.gateways)).toHaveLength(before);
  }
  expect(crashes).toBeGreaterThan(5);
});

it('a server runs with its new size after a crash at any request of the change', async () => {
  let crashes = 0;
  for (let isOver = false; !isOver; crashes += 1) {
    const b = await bench();
    const { asked, server } = await b.site();
    const update = updateOf(server, asked, { size: 't3.large' });
    b.cloud.configure({ actionMs: 3_000 });
    const dying = dyingAt(b.ctx, crashes + 1);
    isOver = await ended(b, dying.context, update);
    const connection = await b.world.connect(b.ctx);
    const seen = await settled(b, connection, server);
    // As long as it does not run with the new size, it is seen as different from what is asked.
    if (seen.spec['size'] !== 't3.large') await b.finish(await connection.update(b.ctx, update), connection);
    expect(b.state.instances[server.id]).toMatchObject({ size: 't3.large', state: 'running' });
    expect(b.state.instances[server.id]?.tags).not.toHaveProperty('provisioning/former-size');
  }
  expect(crashes).toBeGreaterThan(8);
});

/** Whether the change came to its end before the program died. */
async function ended(b: Bench, context: CallContext, update: ReturnType<typeof updateOf>): Promise<boolean> {
  try {
    let outcome = await b.connection.update(context, update);
    while (outcome.status === 'pending') {
      await b.clock.sleep(2_000);
      const [result] = await b.connection.poll(context, [outcome.token]);
      if (result === undefined || result instanceof ProviderFault) return false;
      outcome = result;
    }
    return outcome.status === 'done';
  } catch {
    return false;
  }
}

/** The object when nothing is on its way any more. */
async function settled(b: Bench, by: Connection, object: Observed): Promise<Observed> {
  for (let round = 0; round < 20; round += 1) {
    const seen = await by.read(b.ctx, object);
    if (seen !== null && seen.phase !== 'pending') return seen;
    await b.clock.sleep(2_000);
  }
  throw new Error('it never settled');
}
