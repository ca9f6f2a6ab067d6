import { expect, it } from 'vitest';
import { cloudName, ownerLabels } from '../../../schemas/owner.ts';
import type { CallContext } from '../../../schemas/provider.ts';
import { type Bench, WORKSPACE, bench, caught, ownerFor, simplest } from './bench.ts';
import { FAULT_CASES, caseName } from './fault-table.ts';
import { subjectOf } from './subjects.ts';
import { itWhere } from './where.ts';
import type { ContractWorld } from './world.ts';

/** A listing is complete or it is none. */
export function testListing(setup: () => ContractWorld): void {
  const { supports } = setup();
  const { pageSize } = setup();
  const isPaged = Number.isFinite(pageSize);
  /** More than two pages of the simplest objects, where there are pages. */
  const fill = async (b: Bench): Promise<readonly string[]> => {
    const subject = simplest(b.world);
    const ids: string[] = [];
    const count = isPaged ? pageSize * 2 + 1 : 3;
    for (let at = 0; at < count; at += 1) {
      const owner = ownerFor(subject.kind, `key-${at}`);
      ids.push(b.world.foreign(subject.kind, cloudName(owner), subject.spec({}, b.world.words), ownerLabels(owner)));
    }
    await b.settle();
    return ids;
  };

  it('shows only our workspace', async () => {
    const b = await bench(setup);
    const { connection, ctx, world } = b;
    const mine = await b.create(b.requestFor(subjectOf('network'), {}));
    const spec = subjectOf('network').spec({}, world.words);
    const twin = world.foreign(
      'network',
      'twin',
      spec,
      ownerLabels(ownerFor('network', 'x', { lineage: '999999999999' })),
    );
    world.foreign('network', 'other', spec, ownerLabels(ownerFor('network', 'x', { workspace: 'other' })));
    world.foreign('network', 'other-env', spec, ownerLabels(ownerFor('network', 'x', { workspace: 'shop@test' })));
    world.foreign('network', 'nobody', spec, {});
    await b.settle();
    const listed = await connection.list(ctx, WORKSPACE);
    expect(listed.map(object => [object.id, object.owner?.lineage])).toEqual([
      [mine.id, 'abcdef012345'],
      [twin, '999999999999'],
    ]);
  });

  it('is empty only when there is nothing', async () => {
    const { connection, ctx } = await bench(setup);
    expect(await connection.list(ctx, WORKSPACE)).toEqual([]);
  });

  it('reads all pages', async () => {
    const b = await bench(setup);
    const ids = await fill(b);
    expect((await b.connection.list(b.ctx, WORKSPACE)).map(object => object.id).sort()).toEqual([...ids].sort());
  });

  const faults = FAULT_CASES.filter(one => one.expect.list !== undefined).flatMap(one =>
    [1, 2, 3].map(page => ({ one, page })),
  );
  const cases = faults.map(test => ({ ...test, name: caseName(test.one) }));
  it.each(cases.filter(test => supports(test.one.fault)))('with $name on page $page', async ({ one, page }) => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const ids = await fill(b);
    const fired = world.arm({
      fault: one.fault,
      asked: 'list',
      nth: page,
      ...(one.ms === undefined ? {} : { ms: one.ms }),
      ...(one.hint === undefined ? {} : { hint: one.hint }),
    });
    if (one.expect.list?.told === 'done') {
      expect(await connection.list(ctx, WORKSPACE)).toHaveLength(ids.length);
    } else {
      const error = await caught(world, connection.list(ctx, WORKSPACE));
      expect(error.class).toBe(one.expect.list?.told);
    }
    expect(fired()).toBe(1);
    expect(await connection.list(ctx, WORKSPACE)).toHaveLength(ids.length);
  });

  itWhere(isPaged)('is no listing when the world changes between two pages', async () => {
    const b = await bench(setup);
    const { world, connection } = b;
    const ids = await fill(b);
    const context = b.ctx;
    const first = cloudName(ownerFor(simplest(world).kind, 'key-0'));
    let isGone = false;
    const changing: CallContext = {
      ...context,
      fetch: async (input, init) => {
        const answer = (await context.fetch(input, init)) as Response;
        // It goes as soon as it was shown, while the other pages are still to come.
        const isShown = (await answer.clone().text()).includes(first);
        if (isShown && !isGone) world.vanish(ids[0] ?? '');
        isGone ||= isShown;
        return answer;
      },
    };
    const call = connection.list(changing, WORKSPACE);
    if ((world.capability(simplest(world).kind)?.visibleAfterMs ?? 0) > 0) expect(await call).toHaveLength(ids.length);
    else expect((await caught(world, call)).class).toBe('transient');
    await b.settle();
    expect(await connection.list(context, WORKSPACE)).toHaveLength(ids.length - 1);
  });

  it('believes in an absence only when the cloud says so', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const made = await b.create(b.requestFor(subjectOf('network'), {}));
    await b.settle();
    for (const fault of ['request-lost', 'error-500-before', 'html', 'empty', 'token-expired', 'rate-limited']) {
      const gone = (): Promise<unknown> => connection.read({ ...ctx, fetch: broken(fault) }, made);
      const error = await caught(world, gone());
      expect(['transient', 'unauthenticated', 'rate-limited']).toContain(error.class);
    }
    world.vanish(made.id);
    await b.settle();
    expect(await connection.read(ctx, made)).toBeNull();
  });
}

/** A `fetch` whose answers are useless in one of the ways that must not be taken for "there is nothing". */
function broken(fault: string): CallContext['fetch'] {
  const answers: { readonly [fault: string]: () => Response } = {
    'error-500-before': () => new Response('{"error":{"code":"service_error"}}', { status: 500 }),
    html: () => new Response('<html>404</html>', { status: 404 }),
    empty: () => new Response('', { status: 200 }),
    'token-expired': () => new Response('{"error":{"code":"unauthorized"}}', { status: 401 }),
    'rate-limited': () => new Response('{}', { status: 429 }),
  };
  // Whatever the method: some clouds are read with POST, and reading sends nothing but questions.
  return () => {
    const answer = answers[fault];
    return answer === undefined ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(answer());
  };
}
