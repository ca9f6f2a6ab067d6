import { expect, it } from 'vitest';
import type { CallContext, Outcome, PendingToken, UpdateRequest } from '../../../schemas/provider.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import { bench, request, SERVER } from './objects.ts';

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

interface Journal {
  token: PendingToken | null;
}

type Bench = Awaited<ReturnType<typeof bench>>;

/**
 * One life of the program, as the engine lives it: it goes on with the token in the journal; without one it looks at the
 * object, waits for what is on its way, and asks again for what is still missing. True when the end was reached.
 */
async function life(b: Bench, change: UpdateRequest, journal: Journal, nth: number): Promise<boolean> {
  // Starting anew takes longer than what UpCloud had begun.
  await b.world.clock.sleep(4_000);
  const connection = await b.world.connect();
  const ctx = dyingAfter(b.ctx, nth);
  const writes = (): number => b.cloud.ledger().filter(entry => entry.method !== 'GET').length;
  const before = writes();
  const isDead = (): boolean => writes() - before >= nth;
  const watch: Outcome = { status: 'pending', token: { kind: change.kind, id: change.id, wait: null, pollMs: 1_000 } };
  const [field = ''] = change.fields;
  let outcome = await begin();
  for (let round = 0; round < 100; round += 1) {
    if (isDead()) return false;
    if (outcome.status === 'done' && outcome.object.spec[field] === change.spec[field]) return true;
    if (outcome.status === 'done') outcome = await begin();
    if (isDead()) return false;
    if (outcome.status !== 'pending') throw new Error('nothing is left');
    if (!Object.isFrozen(journal) && outcome.token.wait !== null) journal.token = outcome.token;
    await b.world.clock.sleep(outcome.token.pollMs);
    const [result] = await connection.poll(ctx, [outcome.token]);
    if (isDead()) return false;
    outcome = result === undefined || result instanceof ProviderFault ? outcome : result;
  }
  throw new Error('it never ended');

  async function begin(): Promise<Outcome> {
    if (journal.token !== null) return { status: 'pending', token: journal.token };
    const seen = await connection.read(ctx, change);
    if (seen?.phase === 'pending') return watch;
    // What a dead program makes of the answer that it lost is not looked at.
    return connection.update(ctx, change).catch((error: unknown): Outcome => {
      if (error instanceof ProviderFault) return { status: 'gone' };
      throw error;
    });
  }
}

/** The journal of a program that is killed before it can write: every life begins with nothing. */
const forgetful = (): Journal => Object.freeze({ token: null });
const careful = (): Journal => ({ token: null });

const CASES = [1, 2, 3, 4].flatMap(nth => [
  { nth, name: 'with a journal', open: careful },
  { nth, name: 'without one', open: forgetful },
]);

it.each(CASES)(
  'a resize that is killed after request $nth of every life, $name, ends as described',
  async ({ nth, open }) => {
    const b = await bench({ actionMs: 3_000 });
    const made = await b.create('server', 'a', SERVER);
    const spec = { ...SERVER, size: '2xCPU-4GB' };
    const change: UpdateRequest = { ...request('server', 'a', spec), id: made.id, before: SERVER, fields: ['size'] };
    expect(await lives(b, change, open(), nth)).toBeGreaterThan(1);
    expect(b.state.servers[made.id]).toMatchObject({ plan: '2xCPU-4GB', state: 'started' });
  },
);

it.each(CASES)(
  'a volume that grows and is killed after request $nth, $name, ends as described',
  async ({ nth, open }) => {
    const b = await bench({ actionMs: 3_000 });
    const server = await b.create('server', 'a', SERVER);
    const before = { sizeGib: 10, server: server.id };
    const volume = await b.create('volume', 'v', before);
    const spec = { ...before, sizeGib: 20 };
    const change: UpdateRequest = { ...request('volume', 'v', spec), id: volume.id, before, fields: ['sizeGib'] };
    expect(await lives(b, change, open(), nth)).toBeGreaterThan(1);
    expect(b.state.storages[volume.id]?.size).toBe(20);
    expect(b.state.servers[server.id]?.state).toBe('started');
  },
);

/** Lives until one reaches the end; the last of them is not killed any more if the change is as it shall be by then. */
async function lives(b: Bench, change: UpdateRequest, journal: Journal, nth: number): Promise<number> {
  let count = 1;
  while (!(await life(b, change, journal, nth))) {
    count += 1;
    if (count > 20) throw new Error('it never ended');
  }
  await b.world.clock.sleep(10_000);
  b.cloud.settle(b.world.clock.now());
  return count;
}
