import { expect, test } from 'vitest';
import { faultOf, useBench } from './bench.ts';
import { begin, done, holder, intent } from './fixture.ts';
import { type Harness, REF } from './harness.ts';

/** One writer at a time, and nothing that was durable is lost. */
export function writingContract(make: () => Harness): void {
  const bench = useBench(make);

  test('while one writes, another is told who, and nothing is written', async () => {
    const writer = await bench.take('one', 'first');
    const before = bench.world.refs().get(REF);
    const fault = await faultOf(bench.take('two', 'second'));
    expect(fault.code).toBe('locked');
    expect(fault.data).toMatchObject({ holder: 'first', host: 'node-1', pid: process.pid, epoch: 1 });
    expect(bench.world.refs().get(REF)).toBe(before);
    await writer.close({ release: true });
    const second = await bench.take('two', 'second');
    expect(second.epoch).toBe(2);
    await second.close({ release: true });
  });

  test('one who waits gets the workspace as soon as it is released', async () => {
    const writer = await bench.take('one');
    const waiting = bench.take('two', 'second', bench.world.ttlMs * 20);
    await writer.pushed(await writer.append([done('web-1')]));
    await writer.close({ release: true });
    const second = await waiting;
    expect(second.epoch).toBe(2);
    expect([...second.recorded.objects.keys()]).toEqual(['server/web-1']);
    await second.close({ release: true });
  });

  test('waiting can be broken off', async () => {
    const writer = await bench.take('one');
    const stop = new AbortController();
    const waiting = bench.open('two').take(holder('second'), { waitMs: bench.world.ttlMs * 20, signal: stop.signal });
    stop.abort(new Error('enough'));
    expect((await faultOf(waiting)).problems[0]?.id).toBe('ST-STOPPED');
    await writer.close({ release: true });
  });

  test('four contenders: each epoch has exactly one writer, and nothing is lost', async () => {
    const machines = ['one', 'two', 'three', 'four'];
    const epochs = await Promise.all(
      machines.map(async machine => {
        const won: number[] = [];
        for (let round = 0; round < 2; round += 1) {
          const writer = await bench.take(machine, `${machine}-${round}`, bench.world.ttlMs * 100);
          won.push(writer.epoch);
          await writer.append([done(`${machine}-${round}`)]);
          await writer.close({ release: true });
        }
        return won;
      }),
    );
    expect(epochs.flat().sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const recorded = await bench.open('five').read();
    expect(recorded.objects.size).toBe(8);
    expect((await bench.open('five').verify()).problems).toEqual([]);
  });

  test('a writer that fell silent is replaced, and cannot push any more', async () => {
    const old = await bench.take('one', 'old');
    await old.pushed(await old.append([begin('a'), { step: 'intend', intents: [intent('web-1')] }]));
    bench.world.crash('one');
    const successor = await bench.take('two', 'new', bench.world.ttlMs * 10);
    expect(successor.epoch).toBe(2);
    expect(successor.recorded.intents.has('create server/web-1')).toBe(true);
    expect(successor.sentAt('create server/web-1')).toBeNull();
    await successor.close({ release: true });
    const after = await bench.open('one').read();
    expect(after.epoch).toBe(2);
  });

  test('what was durable and not pushed is there after a crash, once', async () => {
    const writer = await bench.take('one');
    await writer.pushed(
      await writer.append([begin('a'), { step: 'intend', intents: [intent('web-1'), intent('web-2')] }]),
    );
    bench.world.down(true);
    await writer.markSent('create server/web-1');
    await writer.append([done('web-1')]);
    await writer.markSent('create server/web-2');
    bench.world.crash('one');
    bench.world.down(false);
    const next = await bench.take('one', 'again', bench.world.ttlMs * 10);
    expect([...next.recorded.objects.keys()]).toEqual(['server/web-1']);
    expect(next.recorded.epoch).toBe(2);
    expect(next.sentAt('create server/web-2')).toBeTypeOf('number');
    await next.close({ release: true });
    const there = await bench.open('two').read();
    expect([...there.objects.keys()]).toEqual(['server/web-1']);
    expect((await bench.open('two').verify()).problems).toEqual([]);
    const steps = (await bench.open('two').history({ limit: 20 })).map(entry => entry.subject);
    expect(steps.filter(subject => subject === 'create server/web-1 done')).toHaveLength(1);
  });

  test('marks of calls survive a crash of the same machine, and only there', async () => {
    const writer = await bench.take('one');
    await writer.pushed(
      await writer.append([begin('a'), { step: 'intend', intents: ['a', 'b', 'c'].map(name => intent(name)) }]),
    );
    expect(writer.sentAt('create server/a')).toBeUndefined();
    await writer.markSent('create server/a');
    await writer.append([done('c')]);
    expect(writer.sentAt('create server/a')).toBeTypeOf('number');
    expect(writer.sentAt('create server/c')).toBeNull();
    bench.world.crash('one');
    const again = await bench.take('one', 'again', bench.world.ttlMs * 10);
    expect(again.sentAt('create server/a')).toBeTypeOf('number');
    expect(again.sentAt('create server/b')).toBeUndefined();
    await again.append([done('a')]);
    bench.world.crash('one');
    const third = await bench.take('one', 'third', bench.world.ttlMs * 10);
    expect(third.sentAt('create server/b')).toBeUndefined();
    await third.close({ release: true });
    const elsewhere = await bench.take('two', 'elsewhere');
    expect(elsewhere.sentAt('create server/b')).toBeNull();
    await elsewhere.markSent('create server/b');
    expect(elsewhere.sentAt('create server/b')).toBeTypeOf('number');
    await elsewhere.close({ release: true });
  });

  test('a journal whose epoch was superseded is not replayed', async () => {
    const writer = await bench.take('one');
    bench.world.down(true);
    await writer.append([done('web-1')]);
    bench.world.crash('one');
    bench.world.down(false);
    const other = await bench.take('two', 'other', bench.world.ttlMs * 10);
    await other.append([done('web-2')]);
    await other.close({ release: true });
    const back = await bench.take('one', 'back');
    expect([...back.recorded.objects.keys()]).toEqual(['server/web-2']);
    await back.close({ release: true });
    expect((await bench.open('one').verify()).problems).toEqual([]);
  });

  test('closing twice is one closing; without release the writer stays', async () => {
    const writer = await bench.take('one', 'first');
    await writer.append([done('web-1')]);
    await Promise.all([writer.close({ release: false }), writer.close({ release: false })]);
    const recorded = await bench.open('two').read();
    expect(recorded.writer).toMatchObject({ id: 'first', host: 'node-1' });
    expect([...recorded.objects.keys()]).toEqual(['server/web-1']);
    await expect(writer.append([done('web-2')])).rejects.toThrow('append after close');
    expect((await faultOf(bench.take('two'))).code, 'elsewhere nobody can know that it is over').toBe('locked');
    const again = await bench.take('one', 'second');
    expect(again.epoch).toBe(2);
    await again.close({ release: true });
  });

  test('an outage of the remote stops nothing that needs only this machine, and ends by itself', async () => {
    const writer = await bench.take('one');
    bench.world.down(true);
    const sequence = await writer.append([done('web-1')]);
    const fault = await faultOf(writer.pushed(sequence));
    expect(fault.code).toBe('unavailable');
    bench.world.down(false);
    await writer.pushed(sequence);
    expect([...(await bench.open('two').read()).objects.keys()]).toEqual(['server/web-1']);
    await writer.close({ release: true });
  });

  test('a wish to hold reaches a running writer, and ends', async () => {
    const store = bench.open('one');
    const writer = await store.take(holder('one'), { waitMs: 0 });
    expect(store.holdRequested()).toBe(false);
    await bench.open('two').requestHold(true);
    await expect.poll(() => store.holdRequested(), { timeout: 5_000 }).toBe(true);
    await bench.open('two').requestHold(true);
    await bench.open('two').requestHold(false);
    await expect.poll(() => store.holdRequested(), { timeout: 5_000 }).toBe(false);
    await writer.close({ release: true });
  });
}
