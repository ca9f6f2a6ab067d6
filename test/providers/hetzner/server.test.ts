import { expect, it } from 'vitest';
import type { CallContext, Outcome, PendingToken, UpdateRequest } from '../../../schemas/provider.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import { bench, request, SERVER } from './objects.ts';

type Bench = Awaited<ReturnType<typeof bench>>;

/** A network with two subnets, so that it has to be said in which of them something is. */
async function twoSubnets({ create }: Bench) {
  const network = await create('network', 'n', { ipRange: '10.0.0.0/16' });
  await create('subnet', 'a', { network: network.id, ipRange: '10.0.1.0/24', zone: 'fsn1' });
  const second = await create('subnet', 'b', { network: network.id, ipRange: '10.0.2.0/24', zone: 'fsn1' });
  return { network, second };
}

it('keeps what it knows of two subnets that are made at once', async () => {
  const b = await bench();
  const network = await b.create('network', 'n', { ipRange: '10.0.0.0/16' });
  const spec = (nth: number) => ({ network: network.id, ipRange: `10.0.${nth}.0/24`, zone: 'fsn1' });
  const made = await Promise.all([1, 2, 3].map(nth => b.create('subnet', `s${nth}`, spec(nth))));
  const listed = await b.connection.list(b.ctx, 'shop@prod');
  const subnets = listed.filter(({ kind }) => kind === 'subnet');
  expect(subnets.map(({ id, owner }) => [id, owner?.opId])).toEqual(made.map(({ id, owner }) => [id, owner?.opId]));
  expect(new Set(subnets.map(({ owner }) => owner?.opId)).size).toBe(3);
});

it.each([0, 3_000])('leaves nothing of a subnet on its network when it is deleted in %i ms', async actionMs => {
  const b = await bench({ actionMs });
  const { network, second } = await twoSubnets(b);
  const gone = await b.end(await b.connection.delete(b.ctx, { ...request('subnet', 'b', {}), id: second.id }));
  expect(gone).toEqual({ status: 'gone' });
  const keys = Object.keys(b.state.networks[network.id]?.labels ?? {}).filter(key => key.startsWith('sn-'));
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.every(key => key.startsWith('sn-10.0.1.0-24/'))).toBe(true);
});

it.each([
  ['without a public address', false],
  ['in one of several subnets', true],
])('starts a server %s when it stands in its subnet, and not before', async (_name, publicIp) => {
  const b = await bench({ actionMs: 2_000 });
  const { second } = await twoSubnets(b);
  const made = await b.create('server', 'web', { ...SERVER, subnet: second.id, publicIp });
  expect(made).toMatchObject({ phase: 'ready', spec: { subnet: second.id, publicIp } });
  expect(made.outputs['privateIp']).toBe('10.0.2.2');
  expect(made.outputs['publicIp'] === null).toBe(!publicIp);
  const server = b.state.servers[made.id];
  expect(server).toMatchObject({ status: 'running' });
  expect(Object.keys(server?.labels ?? {})).not.toContain('provisioning/unfinished');
});

it('goes on with a server that was left half made, with nothing but the server to tell it', async () => {
  const b = await bench({ actionMs: 2_000 });
  const { second } = await twoSubnets(b);
  const asked = request('server', 'web', { ...SERVER, subnet: second.id, publicIp: false });
  await b.connection.create(b.ctx, asked);
  await b.world.clock.sleep(60_000);
  const [found] = await b.connection.find(b.ctx, asked);
  expect(found).toMatchObject({ phase: 'pending', owner: asked.owner });
  const token: PendingToken = { kind: 'server', id: found?.id ?? '', wait: null, pollMs: 1_000 };
  expect(await b.finish({ status: 'pending', token })).toMatchObject({ phase: 'ready', spec: { subnet: second.id } });
});

const resize = (id: string, size = 'cx33'): UpdateRequest => ({
  ...request('server', 'web', { ...SERVER, size }),
  id,
  before: SERVER,
  fields: ['size'],
});

it('asks a machine to shut down, and switches it off only when it does not listen', async () => {
  const listening = await bench({ actionMs: 1_000, shutdownMs: 20_000 });
  const made = await listening.create('server', 'web', SERVER);
  await listening.finish(await listening.connection.update(listening.ctx, resize(made.id)));
  expect(listening.commands()).toEqual(['shutdown', 'change_type', 'poweron']);
  expect(listening.state.servers[made.id]).toMatchObject({ server_type: 'cx33', status: 'running', disk: 40 });

  const deaf = await bench({ actionMs: 1_000, shutdownMs: null });
  const other = await deaf.create('server', 'web', SERVER);
  const start = deaf.world.clock.now();
  await deaf.finish(await deaf.connection.update(deaf.ctx, resize(other.id)));
  expect(deaf.commands()).toEqual(['shutdown', 'poweroff', 'change_type', 'poweron']);
  expect(deaf.world.clock.now() - start).toBeGreaterThan(60_000);
});

it.each([
  ['is not known', 'cx99', {}, 'invalid-input'],
  ['has another kind of processor', 'cax11', {}, 'invalid-input'],
  ['is sold out', 'cx33', { soldOut: ['cx33 fsn1'] }, 'capacity'],
] as const)('does not stop a server for a size that %s', async (_name, size, settings, kind) => {
  const b = await bench(settings);
  const made = await b.create('server', 'web', SERVER);
  const before = b.cloud.ledger().filter(({ method }) => method !== 'GET').length;
  const call = b.connection.update(b.ctx, resize(made.id, size));
  await expect(call).rejects.toMatchObject({ error: { class: kind } });
  expect(b.cloud.ledger().filter(({ method }) => method !== 'GET')).toHaveLength(before);
});

it.each([true, false])(
  'switches a server on again when the change that it was stopped for is refused (token: %s)',
  async hasToken => {
    const b = await bench({ actionMs: 1_000, shutdownMs: 5_000 });
    const made = await b.create('server', 'web', SERVER);
    const outcome = await b.connection.update(b.ctx, resize(made.id));
    // Sold to somebody else while the machine was shutting down.
    b.cloud.configure({ soldOut: ['cx33 fsn1'] });
    // Also where the token was lost, and the server alone tells what it was stopped for.
    const token: PendingToken = { kind: 'server', id: made.id, wait: null, pollMs: 1_000 };
    const known = hasToken ? outcome : ({ status: 'pending', token } as const);
    expect(await b.end(known)).toMatchObject({ error: { class: 'capacity' } });
    await b.world.clock.sleep(5_000);
    const seen = await b.connection.read(b.ctx, made);
    expect(seen).toMatchObject({ phase: 'ready', spec: { size: 'cx23' } });
    expect(b.state.servers[made.id]).toMatchObject({ status: 'running' });
  },
);

it('leaves a server off that somebody switched off, when only its labels change', async () => {
  const b = await bench();
  const made = await b.create('server', 'web', SERVER);
  Object.assign(b.state.servers[made.id] ?? {}, { status: 'off' });
  const spec = { ...SERVER, labels: { team: 'blue' } };
  const change = { ...request('server', 'web', spec), id: made.id, before: SERVER, fields: ['labels'] };
  await b.finish(await b.connection.update(b.ctx, change));
  expect(b.state.servers[made.id]).toMatchObject({ status: 'off', labels: { team: 'blue' } });
});

class Killed extends Error {}

/** A context whose program dies right after the nth request that changes something, before anybody reads its answer. */
function dyingAfter(ctx: CallContext, nth: number): CallContext {
  let writes = 0;
  const fetch: CallContext['fetch'] = async (input, init) => {
    const answer = await ctx.fetch(input, init);
    if (init?.method !== 'GET') writes += 1;
    if (writes === nth && init?.method !== 'GET') throw new Killed();
    return answer;
  };
  return { ...ctx, fetch };
}

/** One life of the program: goes on with the token in the journal, or asks again. True when the end was reached. */
async function life(
  b: Bench,
  change: UpdateRequest,
  journal: { token: PendingToken | null },
  nth: number,
): Promise<boolean> {
  await b.world.clock.sleep(4_000);
  const connection = await b.world.connect();
  const ctx = dyingAfter(b.ctx, nth);
  const writes = (): number => b.cloud.ledger().filter(entry => entry.method !== 'GET').length;
  const before = writes();
  const isDead = (): boolean => writes() - before >= nth;
  const { token } = journal;
  let outcome: Outcome | null =
    token === null ? await connection.update(ctx, change).catch(survive) : { status: 'pending', token };
  for (let round = 0; round < 200; round += 1) {
    if (isDead() || outcome === null) return false;
    if (outcome.status === 'done') return true;
    if (outcome.status !== 'pending') throw new Error('nothing is left');
    journal.token = outcome.token;
    await b.world.clock.sleep(outcome.token.pollMs);
    const [result] = await connection.poll(ctx, [outcome.token]);
    outcome = result === undefined || result instanceof ProviderFault ? outcome : result;
  }
  throw new Error('it never ended');
}

/** A dead program has no outcome; whatever it made of the lost answer is not looked at. */
function survive(error: unknown): null {
  if (error instanceof ProviderFault) return null;
  throw error;
}

it.each([1, 2, 3])(
  'a resize that is killed after request %i of every life leaves a running server of the new size',
  async nth => {
    const b = await bench({ actionMs: 3_000, shutdownMs: 5_000 });
    const made = await b.create('server', 'web', SERVER);
    const journal = { token: null };
    let lives = 1;
    for (; lives < 20; lives += 1) if (await life(b, resize(made.id), journal, nth)) break;
    await b.world.clock.sleep(10_000);
    b.cloud.settle(b.world.clock.now());
    const server = b.state.servers[made.id];
    expect(server).toMatchObject({ server_type: 'cx33', status: 'running' });
    expect(Object.keys(server?.labels ?? {})).not.toContain('provisioning/restart');
    expect(lives).toBeGreaterThan(1);
  },
);
