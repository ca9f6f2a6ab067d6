import { expect, it } from 'vitest';
import type { CallContext } from '../../../schemas/provider.ts';
import { WORKSPACE, bench, caught, simplest } from './bench.ts';
import { subjectOf } from './subjects.ts';
import type { ContractWorld } from './world.ts';

/** What concerns the account as a whole, and the time a call may take. */
export function testAccount(setup: () => ContractWorld): void {
  it('names its account', async () => {
    const { connection } = await bench(setup);
    expect(connection.account).toMatch(/^[\w./-]{1,128}$/);
  });

  it('says what could be had', async () => {
    const { connection, ctx, prepare, requestFor, create, world } = await bench(setup);
    await create(requestFor(subjectOf('server'), prepare('server')));
    const catalogue = await connection.catalogue(ctx);
    expect(
      catalogue.sizes.find(size => size.name === world.words.size && size.kind === 'server')?.monthly,
    ).toBeGreaterThan(0);
    expect(catalogue.images.map(image => image.name)).toContain(world.words.image);
    expect(catalogue.zones).toContain(world.words.zone);
    expect(catalogue.quotas.filter(quota => quota.kind === 'server').every(quota => quota.used === 1)).toBe(true);
    expect(catalogue.currency).toMatch(/^[A-Z]{3}$/);
  });

  it('refuses what refers to nothing', async () => {
    const { connection, ctx, requestFor, world } = await bench(setup);
    const request = requestFor(subjectOf('subnet'), { network: 'net-404' });
    expect((await caught(world, connection.create(ctx, request))).class).toBe('invalid-input');
    expect(world.truth()).toEqual([]);
  });

  it('does not delete a network before its subnets', async () => {
    const { create, connection, ctx, finish, requestFor, world } = await bench(setup);
    const network = requestFor(subjectOf('network'), {});
    const { id } = await create(network);
    const subnet = requestFor(subjectOf('subnet'), { network: id });
    const inner = await create(subnet);
    expect((await caught(world, connection.delete(ctx, { ...network, id }))).class).toBe('dependency');
    expect(await finish(await connection.delete(ctx, { ...subnet, id: inner.id }))).toBeNull();
    expect(await finish(await connection.delete(ctx, { ...network, id }))).toBeNull();
    expect(world.truth()).toEqual([]);
  });

  it('does not wait longer than it may, and does not know then', async () => {
    const { connection, ctx, requestFor, settle, world } = await bench(setup);
    world.slow(30_000);
    const request = requestFor(simplest(world), {});
    const start = world.clock.now();
    expect((await caught(world, connection.create(world.context({ timeoutMs: 5_000 }), request))).class).toBe(
      'unknown-outcome',
    );
    expect((await caught(world, connection.list(world.context({ timeoutMs: 5_000 }), WORKSPACE))).class).toBe(
      'transient',
    );
    expect(world.clock.now() - start).toBeLessThanOrEqual(10_000);
    world.slow(0);
    await settle();
    expect(await connection.find(ctx, request)).toHaveLength(1);
  });

  it('sends nothing after it was stopped', async () => {
    const { connection, requestFor, world } = await bench(setup);
    const context = world.context({ signal: AbortSignal.abort() });
    expect((await caught(world, connection.create(context, requestFor(simplest(world), {})))).class).toBe('transient');
    expect(world.truth()).toEqual([]);
  });

  it('does not know what became of a create that was stopped on its way', async () => {
    const { connection, ctx, requestFor, settle, world } = await bench(setup);
    world.slow(1_000);
    const stop = new AbortController();
    const request = requestFor(simplest(world), {});
    const context = world.context({ signal: stop.signal });
    const fetch: CallContext['fetch'] = (input, init) => {
      const answer = context.fetch(input, init);
      stop.abort();
      return answer;
    };
    const call = caught(world, connection.create({ ...context, fetch }, request));
    expect((await call).class).toBe('unknown-outcome');
    world.slow(0);
    await settle();
    expect(await connection.find(ctx, request)).toHaveLength(1);
  });
}
