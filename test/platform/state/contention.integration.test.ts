import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProcessBench, processBench } from './processes-bench.ts';

let bench: ProcessBench;
beforeEach(() => {
  bench = processBench();
});
afterEach(() => bench.close());

test('four processes on four machines: each epoch has one writer, each object is recorded once', async () => {
  const machines = ['one', 'two', 'three', 'four'];
  const writers = machines.map(machine => bench.start({ machine, id: machine, count: 20 }));
  for (const { code } of await Promise.all(writers.map(writer => writer.ended))) expect(code).toBe(0);
  const epochs = writers.map(writer => writer.lines.find(line => line.startsWith('epoch ')));
  expect([...epochs].sort()).toEqual(['epoch 1', 'epoch 2', 'epoch 3', 'epoch 4']);
  const store = bench.open('fresh');
  expect((await store.read()).objects.size).toBe(80);
  expect(await store.verify()).toMatchObject({ problems: [], epochs: 4, objects: 80 });
});

test('a writer that was paused for longer than its lease neither believes in it nor can push', async () => {
  const old = bench.start({ machine: 'one', id: 'old', mode: 'go' });
  await old.said('done server/old-3');
  old.child.kill('SIGSTOP');
  const successor = bench.start({ machine: 'two', id: 'new', count: 4 });
  expect((await successor.ended).code).toBe(0);
  expect(successor.lines).toContain('epoch 2');
  const saidBefore = old.lines.length;
  old.child.kill('SIGCONT');
  expect((await old.ended).code).toBe(3);
  const after = old.lines.slice(saidBefore);
  // The step that was in flight when it was paused may still be reported by its own side; nothing new may be begun in good faith.
  expect(after.filter(line => line === 'alive true')).toEqual([]);
  expect(after.at(-1)).toBe('fault locked');
  const recorded = await bench.open('fresh').read();
  const newest = [...recorded.objects.keys()].filter(key => key.startsWith('server/new-'));
  expect(newest).toHaveLength(4);
  const claimed = after.filter(line => line.startsWith('done ')).map(line => line.slice('done '.length));
  for (const key of claimed) expect(recorded.objects.has(key)).toBe(true);
  expect((await bench.open('fresh').verify()).problems).toEqual([]);
});
