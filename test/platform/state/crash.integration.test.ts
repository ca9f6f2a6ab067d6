import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Failpoint } from '../../../schemas/failpoint.ts';
import { holder } from './fixture.ts';
import { type ProcessBench, processBench } from './processes-bench.ts';

let bench: ProcessBench;
beforeEach(() => {
  bench = processBench();
});
afterEach(() => bench.close());

/** What a writer was told is durable. */
function acknowledged(lines: readonly string[]): readonly string[] {
  return lines.filter(line => line.startsWith('done ')).map(line => line.slice('done '.length));
}

/** Takes over on the same machine, at once, and checks that nothing that was acknowledged is missing or there twice. */
async function recover(expected: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const writer = await bench.open('one').take(holder('successor'), { waitMs: 60_000 });
  expect(performance.now() - startedAt, 'a writer that died here is not waited for').toBeLessThan(10_000);
  expect([...writer.recorded.objects.keys()]).toEqual(expect.arrayContaining([...expected]));
  await writer.close({ release: true });
  const store = bench.open('fresh');
  const report = await store.verify();
  expect(report.problems).toEqual([]);
  const subjects = (await store.history({ limit: 10_000 })).map(entry => entry.subject);
  for (const key of expected) expect(subjects.filter(subject => subject === `create ${key} done`)).toHaveLength(1);
  expect(bench.git('fsck', '--strict', '--no-progress', '--no-dangling')).toBe('');
  expect(bench.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toContain(
    'refs/heads/provisioning/state/shop',
  );
}

const POINTS: readonly (readonly [Failpoint, number])[] = [
  ['take.before', 1],
  ['take.after', 1],
  ['journal.append.before', 9],
  ['journal.append.after', 9],
  ['journal.sync.after', 9],
  ['intent.commit.before', 3],
  ['intent.push.before', 3],
  ['intent.push.after', 3],
  ['commit.before', 4],
  ['commit.after', 4],
  ['push.before', 3],
  ['push.after', 3],
  ['release.before', 1],
  ['release.after', 1],
];

test.each(POINTS)('killed at %s, hit %i: everything acknowledged is there, once', async (point, nth) => {
  const first = bench.start({ machine: 'one', id: 'first', dieAt: `${point}:${nth}` });
  expect((await first.ended).signal, 'the fault fired').toBe('SIGKILL');
  await recover(acknowledged(first.lines));
});

test.each([
  ['compact.before', 1],
  ['compact.after', 1],
] as const)('killed at %s: the state is whole before and after', async (point, nth) => {
  const first = bench.start({ machine: 'one', id: 'first', count: 8 });
  expect((await first.ended).code).toBe(0);
  const compacting = bench.start({ machine: 'one', id: 'second', mode: 'compact', dieAt: `${point}:${nth}` });
  expect((await compacting.ended).signal, 'the fault fired').toBe('SIGKILL');
  const again = bench.start({ machine: 'one', id: 'third', mode: 'compact' });
  expect((await again.ended).code).toBe(0);
  await recover(acknowledged(first.lines));
});

test('killed at random moments, again and again on one chain: nothing acknowledged is ever lost', async () => {
  const expected: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    const writer = bench.start({ machine: 'one', id: `round-${round}`, count: 4_000 });
    await writer.said('done ');
    // The moments are spread evenly and differ from round to round; where exactly they fall is left to the machine.
    await new Promise(resolve => setTimeout(resolve, round * 37));
    writer.child.kill('SIGKILL');
    expect((await writer.ended).signal).toBe('SIGKILL');
    expected.push(...acknowledged(writer.lines));
  }
  expect(expected.length).toBeGreaterThan(10);
  await recover(expected);
});
